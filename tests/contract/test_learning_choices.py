"""What people choose where the bot was not sure, on every engine."""

import threading
from datetime import timedelta

import pytest
from learning_world import World
from sqlalchemy.orm import Session

from kb.database import Sessions
from kb.ids import EntryId
from learning import LearningLoop, choices, feedback
from learning.choices import Choice, Tally
from learning.errors import NotAllowed, Unknown, WrongState
from learning.feedback import Rating
from learning.ids import DecisionId, PersonId
from learning.recorder import DecisionKind

DOG, LOCKER, PARCEL = EntryId("E-dog"), EntryId("E-locker"), EntryId("E-parcel")


@pytest.fixture
def world(sessions: Sessions) -> World:
    return World(sessions)


def _offered(world: World, session: Session, ts: str = "100.000001") -> DecisionId:
    """A decision that offered two questions to Uma."""
    return world.decision(session, ts, kind=DecisionKind.ABSTAINED, evidence=(DOG, LOCKER)).id


def _choose(
    world: World, session: Session, decision: DecisionId, entry: EntryId | None, person: PersonId | None = None
) -> Choice:
    """A choice as the bot keeps it, with the decision that answers."""
    answered = None if entry is None else world.decision(session, f"{decision}:card", evidence=(entry,)).id
    return choices.choose(
        session, world.workspace, decision, person or world.uma, entry, answered=answered, now=world.now
    )


def _tally(world: World, session: Session) -> Tally:
    return choices.tally(session, world.workspace, since=world.now - timedelta(days=1), until=world.now + timedelta(1))


def test_a_choice_is_kept_once_and_another_one_is_refused(world: World) -> None:
    with world.sessions.begin() as session:
        decision = _offered(world, session)
        first = _choose(world, session, decision, DOG)
        world.wait(minutes=1)
        assert _choose(world, session, decision, DOG) == first
        for other in (LOCKER, None):
            with pytest.raises(WrongState, match="chosen already"):
                _choose(world, session, decision, other)
        assert choices.find(session, world.workspace, decision, world.uma) == first
    assert (first.entry, first.wrong) == (DOG, False) and first.answered is not None


def test_only_who_asked_chooses_and_only_what_was_offered(world: World) -> None:
    with world.sessions.begin() as session:
        decision = _offered(world, session)
        for somebody in (world.tom, world.sam):
            with pytest.raises(NotAllowed, match="Only the person who asked"):
                _choose(world, session, decision, DOG, somebody)
        with pytest.raises(Unknown, match="not among those offered"):
            _choose(world, session, decision, PARCEL)
        with pytest.raises(Unknown):
            _choose(world, session, DecisionId("D-nothing"), DOG)
        assert choices.find(session, world.workspace, decision, world.uma) is None


def test_clicks_are_counted_by_how_they_turned_out(world: World) -> None:
    with world.sessions.begin() as session:
        made = [
            _choose(world, session, _offered(world, session, f"{number}.000001"), entry)
            for number, entry in enumerate((DOG, LOCKER, None), start=100)
        ]
        assert _tally(world, session) == Tally(right=2, wrong=0, none=1)

        def vote(person: PersonId, rating: Rating | None) -> None:
            world.wait(seconds=1)
            answered = made[0].answered
            assert answered is not None
            feedback.vote(session, world.workspace, answered, person, rating, via="button", **world.stamps)

        vote(world.tom, Rating.DOWN)
        assert _tally(world, session) == Tally(right=2, wrong=0, none=1), "it was no click of Tom's"
        vote(world.uma, Rating.DOWN)
        assert _tally(world, session) == Tally(right=1, wrong=1, none=1)
        kept = choices.made(session, world.workspace, since=made[0].at, until=world.now)
        assert [(one.entry, one.wrong) for one in kept] == [(DOG, True), (LOCKER, False), (None, False)]
        vote(world.uma, None)
        assert _tally(world, session) == Tally(right=2, wrong=0, none=1)


def test_of_two_clicks_at_once_one_counts(world: World) -> None:
    with world.sessions.begin() as session:
        decision = _offered(world, session)
    barrier, kept, refused = threading.Barrier(2), list[Choice](), list[str]()

    def click(entry: EntryId | None) -> None:
        barrier.wait()
        try:
            with world.sessions.begin() as session:
                kept.append(choices.choose(session, world.workspace, decision, world.uma, entry, now=world.now))
        except WrongState as error:
            refused.append(str(error))

    threads = [threading.Thread(target=click, args=(entry,)) for entry in (DOG, None)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept) == 1 and len(refused) == 1
    with world.sessions() as session:
        assert choices.find(session, world.workspace, decision, world.uma) == kept[0]


def test_choices_of_another_workspace_are_out_of_reach(world: World) -> None:
    other = World(world.sessions)
    with world.sessions.begin() as session:
        decision = _offered(world, session)
        _choose(world, session, decision, DOG)
        with pytest.raises(Unknown):
            choices.choose(session, other.workspace, decision, world.uma, DOG, now=world.now)
        assert choices.find(session, other.workspace, decision, world.uma) is None
        assert _tally(other, session) == Tally(right=0, wrong=0, none=0)


def test_agents_that_are_not_ours_can_let_people_choose(world: World) -> None:
    loop = LearningLoop(
        workspace=world.workspace, sessions=world.sessions, vault=world.vault, knowledge=world.knowledge
    )
    with world.sessions.begin() as session:
        decision = _offered(world, session)
        answered = world.decision(session, "100.000002", evidence=(LOCKER,)).id
    choice = loop.choose(decision, world.uma, LOCKER, answered)
    loop.vote(answered, world.uma, Rating.DOWN)
    with world.sessions() as session:
        kept = choices.find(session, world.workspace, decision, world.uma)
    assert kept is not None and (kept.entry, choice.wrong, kept.wrong) == (LOCKER, False, True)
