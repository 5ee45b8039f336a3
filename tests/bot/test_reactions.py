"""What is said of an answer before its message is known to be one counts once it is."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot import early
from bot.desk import feedback, names, reactions
from bot.slack.payloads import Reaction, ReactionMeaning
from bot.slack.payloads.origin import origin_of
from learning import feedback as book
from learning.feedback import Rating
from learning.ids import DecisionId
from learning.people import Actor
from tests.bot.desk_world import WORKSPACE, DeskWorld, desk_world
from tests.e2e.acts import KNOWN

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def world(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskWorld]:
    with desk_world(knowledge_folder, tmp_path_factory.mktemp("reactions") / "data") as made:
        yield made


def thumb(ts: str, *, added: bool = True, second: int = 0, rating: Rating = Rating.UP) -> tuple[Reaction, Rating]:
    meaning = ReactionMeaning.UP if rating is Rating.UP else ReactionMeaning.DOWN
    at = NOON.replace(second=second)
    return Reaction(origin_of(WORKSPACE), "Ev1", added, meaning, "U0SAM", "C0HELP", ts, "U0BOT", at), rating


def vote(world: DeskWorld, decision: DecisionId, user: str = "U0SAM") -> Rating | None:
    with world.services.sessions() as session:
        return book.live_vote(session, WORKSPACE, decision, world.person(user))


def test_a_thumb_before_the_message_is_known_counts_afterwards(world: DeskWorld) -> None:
    asked = world.asked("C0HELP", "1700000000.000001", KNOWN)
    decision = world.decided(asked)
    reactions.receive(world.services, *thumb("1700000000.000002"))
    assert vote(world, decision) is None
    world.said(asked, "1700000000.000002")
    reactions.catch_up(world.services, WORKSPACE, "C0HELP", asked.ts)
    assert vote(world, decision) is Rating.UP
    # Once more, as a step that is cut off is done again, changes nothing.
    reactions.catch_up(world.services, WORKSPACE, "C0HELP", asked.ts)
    with world.services.sessions() as session:
        assert len(book.history(session, WORKSPACE, decision)) == 1


def test_a_thumb_that_meets_the_note_of_the_message_counts(world: DeskWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message becomes known after the look for it and before the thumb is put aside; nobody else looks again."""
    asked = world.asked("C0HELP", "1700000000.000011", KNOWN)
    decision = world.decided(asked)
    look = feedback.decision_at

    def look_too_early(*given: Any) -> DecisionId | None:
        monkeypatch.undo()
        found = look(*given)
        world.said(asked, "1700000000.000012")
        reactions.catch_up(world.services, WORKSPACE, "C0HELP", asked.ts)
        return found

    monkeypatch.setattr(feedback, "decision_at", look_too_early)
    reactions.receive(world.services, *thumb("1700000000.000012"))
    assert vote(world, decision) is Rating.UP


def test_the_last_word_before_the_message_is_known_holds(world: DeskWorld) -> None:
    asked = world.asked("C0HELP", "1700000000.000021", KNOWN)
    decision = world.decided(asked)
    # Up, off again and down, in any order of arrival.
    for second, added, rating in ((5, False, Rating.UP), (7, True, Rating.DOWN), (3, True, Rating.UP)):
        reactions.receive(world.services, *thumb("1700000000.000022", second=second, added=added, rating=rating))
    world.said(asked, "1700000000.000022")
    reactions.catch_up(world.services, WORKSPACE, "C0HELP", asked.ts)
    assert vote(world, decision) is Rating.DOWN


def test_a_button_that_is_pressed_before_the_message_is_known_speaks_for_the_answer_too(world: DeskWorld) -> None:
    """The vote counts at once; what it speaks for is looked at again, because the text was not known then."""
    asked = world.asked("C0HELP", "1700000000.000031", KNOWN)
    decision, sam = world.decided(asked), Actor(world.person("U0SAM"))
    feedback.vote(world.services, WORKSPACE, decision, sam, Rating.UP, via="button", at=None)
    [too_early] = [one for one in world.work(names.LEARN_FROM_VOTE) if decision in one]
    world.said(asked, "1700000000.000032")
    reactions.catch_up(world.services, WORKSPACE, "C0HELP", asked.ts)
    later = [one for one in world.work(names.LEARN_FROM_VOTE) if decision in one and one != too_early]
    assert len(later) == 1


def test_a_thumb_on_what_is_no_answer_is_kept_for_a_short_while_only(world: DeskWorld) -> None:
    reactions.receive(world.services, *thumb("1700000000.000042"))
    with world.services.sessions() as session:
        assert len(early.thumbs(session, WORKSPACE, "C0HELP", "1700000000.000042")) == 1
    later = world.services.clock() + early.KEPT * 2
    with world.services.sessions.begin() as session:
        other = early.Thumb("C0HELP", "1.1", world.person("U0UMA"), Rating.UP, True, later)
        early.note_thumb(session, WORKSPACE, other, later)
    with world.services.sessions() as session:
        assert not early.thumbs(session, WORKSPACE, "C0HELP", "1700000000.000042")
