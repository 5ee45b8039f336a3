"""What became of each question, read from the record on every engine."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from learning_world import World
from sqlalchemy.orm import Session

from kb.database import Sessions
from kb.ids import EntryId, WorkspaceId, new_ulid
from learning import choices, cohorts, feedback, handoffs, spot_checks
from learning.cohorts import WINDOW, Checked, Observation
from learning.feedback import Rating
from learning.handoffs import HandoffReason
from learning.ids import PersonId
from learning.people import Actor, Role
from learning.recorder import DecisionKind, ModelUse, RecordedDecision, Versions
from learning.spot_checks import Verdict
from learning.statistics import Votes

ABSTAINED, VERBATIM = DecisionKind.ABSTAINED, DecisionKind.VERBATIM
ENTRIES = (EntryId("E1"), EntryId("E2"))


@pytest.fixture
def world(sessions: Sessions) -> World:
    return World(sessions)


def _question(
    world: World, session: Session, kind: DecisionKind = VERBATIM, *, thread: str = "", **facts: object
) -> RecordedDecision:
    """A question in a conversation of its own, or in a known one."""
    world.wait(minutes=1)
    ts = new_ulid()
    conversation = world.conversation(session, thread=thread or ts)
    return world.decision(
        session, ts, kind=kind, evidence=ENTRIES, place=conversation.place, conversation=conversation.id, **facts
    )


def _vote(world: World, session: Session, decision: RecordedDecision, who: PersonId, rating: Rating | None) -> None:
    feedback.vote(session, world.workspace, decision.id, who, rating, via="button", **world.stamps)


def _hand_over(world: World, session: Session, decision: RecordedDecision) -> None:
    handoffs.open_handoff(
        session,
        world.workspace,
        decision.decision.conversation,
        asker=world.uma,
        question=(decision.decision.place.channel, decision.decision.ts),
        reason=HandoffReason.BUTTON,
        **world.stamps,
    )


def _observed(world: World, session: Session, later: timedelta = WINDOW, **options: object) -> list[Observation]:
    return list(cohorts.observed(session, world.workspace, now=world.now + later, **options))


def test_a_question_is_seen_with_what_it_was_made_with(world: World) -> None:
    versions = Versions("gpt", "p" * 64, 17, "mini", "shipped-2+ab", "shipped-2+ab", "0.2.0", 3, {"tone": "warm"})
    with world.sessions.begin() as session:
        asked = _question(
            world, session, versions=versions, latency=timedelta(milliseconds=321), model=ModelUse(cost=0.25)
        )
        [seen] = _observed(world, session)
    assert seen == Observation(
        decision=asked.id,
        conversation=asked.decision.conversation,
        at=asked.at,
        kind=VERBATIM,
        versions={
            "model": "gpt",
            "prompt_hash": "p" * 64,
            "instructions": "3",
            "embedding": "mini",
            "ranking": "shipped-2+ab",
            "calibration": "shipped-2+ab",
            "code": "0.2.0",
        },
        tags={"tone": "warm"},
        latency=timedelta(milliseconds=321),
        cost=0.25,
    )
    assert seen.autonomous


def test_a_question_is_looked_at_once_its_window_has_closed_and_never_changes_again(world: World) -> None:
    with world.sessions.begin() as session:
        asked = _question(world, session)
        _vote(world, session, asked, world.uma, Rating.UP)
        assert _observed(world, session, WINDOW - timedelta(seconds=1)) == []
        before = _observed(world, session)
        world.wait(hours=25)
        _vote(world, session, asked, world.uma, Rating.DOWN)
        _vote(world, session, asked, world.tom, Rating.DOWN)
        _hand_over(world, session, asked)
        assert _observed(world, session) == before
    assert (before[0].up, before[0].down, before[0].handed_over) == (1, 0, False)


def test_each_persons_last_vote_within_the_window_counts(world: World) -> None:
    with world.sessions.begin() as session:
        asked = _question(world, session)
        for who, rating in (
            (world.uma, Rating.UP),
            (world.uma, Rating.DOWN),
            (world.tom, Rating.DOWN),
            (world.tom, None),
            (world.sam, Rating.UP),
        ):
            world.wait(minutes=1)
            _vote(world, session, asked, who, rating)
        [seen] = _observed(world, session)
        votes = cohorts.standing_votes(session, world.workspace)
    assert (seen.up, seen.down, seen.autonomous) == (1, 1, False)
    assert votes == {world.uma: Votes(0, 1), world.sam: Votes(1, 0)}


def test_people_are_called_for_one_question_and_not_for_the_others_of_its_conversation(world: World) -> None:
    with world.sessions.begin() as session:
        first = _question(world, session)
        thread = first.decision.place.thread
        second = _question(world, session, ABSTAINED, thread=thread)
        _hand_over(world, session, second)
        seen = _observed(world, session)
    assert [(one.decision, one.handed_over) for one in seen] == [(first.id, False), (second.id, True)]
    assert len({one.conversation for one in seen}) == 1


def _choose(world: World, session: Session, offered: RecordedDecision) -> RecordedDecision:
    world.wait(minutes=1)
    answered = world.decision(
        session,
        new_ulid(),
        evidence=ENTRIES,
        place=offered.decision.place,
        conversation=offered.decision.conversation,
    )
    choices.choose(session, world.workspace, offered.id, world.uma, ENTRIES[0], answered=answered.id, now=world.now)
    return answered


def test_a_chosen_answer_belongs_to_the_question_on_which_it_was_offered(world: World) -> None:
    with world.sessions.begin() as session:
        right, wrong, none, late = (_question(world, session, ABSTAINED) for _ in range(4))
        _choose(world, session, right)
        mistaken = _choose(world, session, wrong)
        _vote(world, session, mistaken, world.uma, Rating.DOWN)
        _hand_over(world, session, mistaken)
        choices.choose(session, world.workspace, none.id, world.uma, None, now=world.now)
        world.wait(hours=30)
        _choose(world, session, late)
        seen = {one.decision: one for one in _observed(world, session, timedelta())}
    clicks = {one: (seen[one].clicked, seen[one].wrong_click, seen[one].handed_over) for one in seen}
    assert clicks == {
        right.id: (True, False, False),
        wrong.id: (True, True, True),
        none.id: (False, False, False),
        late.id: (False, False, False),
    }


def test_what_staff_found_in_a_spot_check_counts_whenever_they_looked(world: World) -> None:
    staff = Actor(world.sam, frozenset({Role.USER, Role.STAFF}))
    verdicts = {Verdict.WRONG: Checked(0.25, True), Verdict.RIGHT: Checked(0.25, False), Verdict.CANNOT_TELL: None}
    with world.sessions.begin() as session:
        expected = {_question(world, session).id: None}
        for verdict, checked in verdicts.items():
            asked = _question(world, session)
            check = spot_checks.open_check(session, world.workspace, asked.id, 0.25, **world.stamps)
            later = world.now + timedelta(days=3)
            spot_checks.judge(session, world.workspace, check.id, staff, verdict, now=later)
            expected[asked.id] = checked
        assert {one.decision: one.checked for one in _observed(world, session)} == expected


def test_what_is_no_question_is_left_out(world: World) -> None:
    with world.sessions.begin() as session:
        asked = _question(world, session, ABSTAINED, rule="nothing_near")
        _question(world, session, ABSTAINED, rule="greeting")
        _question(world, session, DecisionKind.DECLINED)
        _question(world, session, DecisionKind.TOOL_CALL)
        alone = world.decision(session, new_ulid())
        seen = _observed(world, session, not_asked={"greeting"})
        since = _observed(world, session, since=alone.at)
    assert [one.decision for one in seen] == [asked.id, alone.id]
    assert seen[1].conversation == alone.id
    assert alone.id in {one.decision for one in since} and asked.id not in {one.decision for one in since}


def test_two_workspaces_never_meet(world: World) -> None:
    other = World(world.sessions)
    with world.sessions.begin() as session:
        for place in (world, other):
            asked = _question(place, session, ABSTAINED)
            answered = _choose(place, session, asked)
            _vote(place, session, answered, place.uma, Rating.DOWN)
            _hand_over(place, session, asked)
            checked = _question(place, session)
            _vote(place, session, checked, place.tom, Rating.UP)
            spot_checks.open_check(session, place.workspace, checked.id, 0.25, **place.stamps)
        mine, theirs = (_observed(place, session) for place in (world, other))
        votes = cohorts.standing_votes(session, other.workspace)
        nobody = cohorts.observed(session, WorkspaceId("T-nobody"), now=datetime.max.replace(tzinfo=world.now.tzinfo))
    assert len(mine) == len(theirs) == 2
    assert not {one.decision for one in mine} & {one.decision for one in theirs}
    assert set(votes) == {other.uma, other.tom} and nobody == ()


def test_what_was_recorded_can_be_compared(world: World) -> None:
    with world.sessions.begin() as session:
        for number in range(24):
            code = str(number % 2)
            kind = VERBATIM if number % 2 or number % 4 == 0 else ABSTAINED
            _question(world, session, kind, versions=replace(Versions(), code=code))
        seen = _observed(world, session)
    arms = [[one for one in seen if cohorts.parse(f"code={code}").holds(one)] for code in "01"]
    autonomy = cohorts.compare(*arms).measures[0]
    assert (autonomy.name, autonomy.first.estimate, autonomy.second.estimate) == ("autonomy", 0.5, 1.0)
    assert {one.shared["code"] for one in cohorts.automatic(seen)} == {"0", "1"}
