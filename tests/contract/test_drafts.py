"""Drafts that staff decide on: of two who press at the same moment one decides, on every engine."""

import contextlib
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from learning_world import World

from bot.agent import Reply, ReplyKind, Rule
from bot.arms import Arms
from bot.desk import names, replies
from bot.desk.asked import Asked, Way
from bot.desk.chosen import Verdict, decide_draft
from bot.services import Services, nobody
from bot.settings import alone
from kb.database import Sessions
from kb.ids import new_ulid
from learning.encryption import Vault
from learning.errors import Stale
from learning.ids import DecisionId
from learning.recorder import DecisionKind
from learning.redaction import Redaction

CHANNEL, TS = "C1", "100.000001"


class Meeting(Vault):
    """Whoever reads the draft waits until the other has read it too, unless the other cannot."""

    met: threading.Barrier | None = None

    def decrypt(self, *given: Any, **named: Any) -> Any:
        read = super().decrypt(*given, **named)
        if self.met is not None:
            with contextlib.suppress(threading.BrokenBarrierError):
                self.met.wait(0.5)
        return read


class Noted:
    """Work that is only noted."""

    def __init__(self) -> None:
        self.workflows: list[tuple[str, ...]] = []

    def enqueue(self, _session: Any, workflow: str, _id: str, _workspace: str, *ids: str, **_options: Any) -> None:
        self.workflows.append((workflow, *ids))


@pytest.fixture
def world(sessions: Sessions) -> World:
    return World(sessions, vault=Meeting.from_secret("a secret for tests"))


def test_of_send_and_discard_at_the_same_moment_one_counts_and_what_is_said_agrees(world: World) -> None:
    work = Noted()
    services: Any = SimpleNamespace(
        settings=alone(),
        sessions=world.sessions,
        vault=world.vault,
        knowledge=world.knowledge,
        clock=lambda: world.now,
        ids=new_ulid,
        work=work,
        redaction=Redaction(),
        observe=nobody,
        arms=Arms(),
    )
    decision = _draft(world, services)
    world.vault.met = threading.Barrier(2)  # type: ignore[attr-defined]
    refused: list[bool] = []

    def press(send: bool) -> None:
        try:
            decide_draft(services, world.workspace, decision, world.staff(world.sam), send=send)
        except Stale:
            refused.append(send)

    both = [threading.Thread(target=press, args=(send,)) for send in (True, False)]
    for one in both:
        one.start()
    for one in both:
        one.join(20)
    world.vault.met = None  # type: ignore[attr-defined]
    assert len(refused) == 1, "both decided, or neither"
    sent = refused == [False]
    [shown] = [ids[-1] for workflow, *ids in work.workflows if workflow == names.SHOW_DRAFT]
    assert shown == (Verdict.SENT if sent else Verdict.DISCARDED)
    with world.sessions() as session:
        ready = replies.prepared(services, session, world.workspace, CHANNEL, TS)
    assert ready is not None and ready.way is Way.THREAD
    assert (ready.text == "On the second floor.") is sent


def _draft(world: World, services: Services) -> DecisionId:
    """A draft that waits for staff."""
    with world.sessions.begin() as session:
        conversation = world.conversation(session, thread=TS, channel=CHANNEL)
        world.say(session, conversation, TS, world.uma, "Where is the printer?")
    asked = Asked(conversation, TS, world.uma, "U-uma", "Where is the printer?", ())
    reply = Reply(ReplyKind.VERBATIM, "On the second floor.", Rule.CONFIDENT, understood="Where is the printer?")
    return replies.keep(services, world.workspace, asked, reply, way=Way.DRAFT, kind=DecisionKind.DRAFTED)
