"""What staff keep out of the knowledge base is proposed to nobody, and shows whether anything known had answered."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from bot.desk import handoffs, replies, resolutions
from kb.errors import IndexUnavailable
from kb.knowledge import KnowledgeBase
from learning import handoffs as moves
from learning import labels, proposals
from learning.handoffs import HandoffReason
from learning.ids import DecisionId
from learning.labels import Label, Shown
from learning.people import Actor, Role
from tests.bot.desk_world import WORKSPACE, DeskWorld, desk_world

_TS = count(1_700_000_000)


@pytest.fixture(scope="module")
def world(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskWorld]:
    with desk_world(knowledge_folder, tmp_path_factory.mktemp("kept-out") / "data") as made:
        yield made


def kept_out(world: DeskWorld, question: str, answer: str) -> DecisionId:
    """Ask, hand over, and let staff answer what nobody is to learn from."""
    services, channel = world.services, "C0HELP"
    asked = world.asked(channel, f"{next(_TS)}.000001", question)
    decision = replies.keep(services, WORKSPACE, asked, replies.choose(services, WORKSPACE, asked, frozenset()))
    handoffs.hand_over_decision(services, WORKSPACE, decision, HandoffReason.BUTTON)
    with services.sessions() as session:
        opened = moves.live_one(session, WORKSPACE, asked.conversation.id)
    assert opened is not None
    staff = Actor(world.person("U0SAM"), frozenset({Role.USER, Role.STAFF}))
    handoffs.resolve(services, WORKSPACE, opened.id, staff, answer=answer, learn=False)
    assert resolutions.learn(services, WORKSPACE, opened.id) is None
    with services.sessions() as session:
        assert not proposals.of_decision(session, WORKSPACE, decision), "nothing is proposed"
    return decision


def shown(world: DeskWorld, decision: DecisionId) -> Label | None:
    with world.services.sessions() as session:
        return labels.of(session, WORKSPACE, [decision]).get(decision)


def test_words_that_nothing_known_says_show_that_nothing_known_answered(world: DeskWorld) -> None:
    decision = kept_out(world, "May I bring my ferret to the office on Friday?", "Ask Rita; she has the ferret list.")
    found = shown(world, decision)
    assert found is not None
    assert (found.shown, found.entry) == (Shown.NOTHING, None)


def test_a_known_answer_shows_which_entry_answered(world: DeskWorld) -> None:
    with world.services.sessions() as session:
        entry = world.services.knowledge.entries(session, WORKSPACE)[0]
    found = shown(world, kept_out(world, entry.question, entry.answer))
    assert found is not None
    assert (found.shown, found.entry) == (Shown.ENTRY, entry.id)


def test_while_the_index_is_away_nothing_is_shown(world: DeskWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise IndexUnavailable("It is away, on purpose.")

    monkeypatch.setattr(KnowledgeBase, "search", away)
    assert shown(world, kept_out(world, "May I bring my newt?", "Ask Rita; she has the newt list.")) is None
