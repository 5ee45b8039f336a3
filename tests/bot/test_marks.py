"""A ✅ that comes before the bot has noted what it just posted counts once it has."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import early
from bot.desk import actors, handoffs, marks, names
from bot.slack.payloads import Reaction, ReactionMeaning
from bot.slack.payloads.origin import origin_of
from learning import conversations
from learning import handoffs as book
from learning.conversations import MessageKind, Place
from learning.handoffs import HandoffReason
from tests.bot.desk_world import WORKSPACE, DeskWorld, desk_world
from tests.e2e.acts import KNOWN

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def world(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskWorld]:
    with desk_world(knowledge_folder, tmp_path_factory.mktemp("marks") / "data") as made:
        yield made


def claimed(world: DeskWorld, ts: str) -> str:
    """A conversation of Uma's that Sam has; its id."""
    asked = world.asked("C0HELP", ts, KNOWN)
    handoffs.hand_over_decision(world.services, WORKSPACE, world.decided(asked), HandoffReason.BUTTON)
    with world.services.sessions() as session:
        opened = book.live_one(session, WORKSPACE, asked.conversation.id)
    assert opened is not None
    handoffs.claim(world.services, WORKSPACE, opened.id, actors.actor(world.services, WORKSPACE, "U0SAM"))
    return asked.conversation.id


def carried(world: DeskWorld, conversation: str, ts: str) -> None:
    """Words of Sam's stand at `ts`, carried there by the bot."""
    services, sam = world.services, world.person("U0SAM")
    with services.sessions.begin() as session:
        found = conversations.one(session, WORKSPACE, conversation)
        conversations.record_message(
            session,
            WORKSPACE,
            found.id,
            place=Place("C0HELP", found.place.thread),
            ts=ts,
            author=sam,
            kind=MessageKind.RELAYED,
            text="With two ropes.",
            vault=services.vault,
            now=services.clock(),
            ids=services.ids,
        )


def mark(world: DeskWorld, ts: str, *, user: str = "U0UMA", of: str = "U0BOT") -> None:
    reaction = Reaction(origin_of(WORKSPACE), "Ev1", True, ReactionMeaning.DONE, user, "C0HELP", ts, of, NOON)
    marks.receive(world.services, reaction, actors.actor(world.services, WORKSPACE, user))


def test_a_mark_before_the_message_is_known_offers_resolve_afterwards_and_once(world: DeskWorld) -> None:
    conversation = claimed(world, "1700000000.000001")
    mark(world, "1700000000.000002")
    before = len(world.work(names.OFFER_RESOLVE))
    carried(world, conversation, "1700000000.000002")
    for _ in range(2):  # as a step that is cut off is done again
        marks.take_up(world.services, WORKSPACE, "C0HELP", "1700000000.000002")
    assert len(world.work(names.OFFER_RESOLVE)) == before + 1


def test_a_mark_on_somebody_elses_message_is_not_kept(world: DeskWorld) -> None:
    mark(world, "1700000001.000002", of="U0UMA")
    with world.services.sessions() as session:
        assert not early.marks(session, WORKSPACE, "C0HELP", "1700000001.000002")


def test_a_mark_of_who_has_no_say_offers_nothing(world: DeskWorld) -> None:
    conversation = claimed(world, "1700000002.000001")
    before = len(world.work(names.OFFER_RESOLVE))
    carried(world, conversation, "1700000002.000002")
    mark(world, "1700000002.000002", user="U0OTTO")
    assert len(world.work(names.OFFER_RESOLVE)) == before
    mark(world, "1700000002.000002", user="U0SAM")
    assert len(world.work(names.OFFER_RESOLVE)) == before + 1


def test_marks_are_no_thumbs(world: DeskWorld) -> None:
    mark(world, "1700000003.000002")
    with world.services.sessions() as session:
        assert len(early.marks(session, WORKSPACE, "C0HELP", "1700000003.000002")) == 1
        assert not early.thumbs(session, WORKSPACE, "C0HELP", "1700000003.000002")
