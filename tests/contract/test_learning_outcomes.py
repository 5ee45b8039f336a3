"""Outcomes: each window is judged once, from what lies in it, whoever looks and when, on every engine."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from learning_world import World
from sqlalchemy.orm import Session

from kb.database import Sessions
from kb.ids import new_ulid
from learning import cohorts, conversations, handoffs, outcomes
from learning.conversations import Conversation, MessageKind, Place, Privacy
from learning.handoffs import HandoffReason
from learning.ids import DecisionId, HandoffId
from learning.outcomes import Meaning, OutcomeKind
from learning.recorder import DecisionKind, RecordedDecision

REPLIED, SILENT, HANDED = OutcomeKind.REPLIED, OutcomeKind.NO_FURTHER_INBOUND, OutcomeKind.HANDED_OVER
REOPENED, STAYED = OutcomeKind.REOPENED, OutcomeKind.STAYED_RESOLVED
DAY, WEEK = outcomes.AFTER_ANSWER, outcomes.AFTER_RESOLUTION


@pytest.fixture
def world(sessions: Sessions) -> World:
    return World(sessions)


def ts(world: World) -> str:
    """A `ts` that is the present moment by the clock of the place."""
    return f"{world.now.timestamp():.6f}"


def told(ts: str) -> datetime:
    return datetime.fromtimestamp(float(ts), UTC)


def asked(world: World, session: Session, **facts: object) -> RecordedDecision:
    """A question of Uma's in a conversation of its own, and the decision on it."""
    world.wait(minutes=1)
    begun = ts(world)
    conversation = world.conversation(session, thread=begun, privacy=facts.pop("privacy", Privacy.OPEN))
    world.say(session, conversation, begun, world.uma, "What now?")
    return world.decision(session, begun, place=conversation.place, conversation=conversation.id, **facts)


def conversation_of(session: Session, world: World, decision: RecordedDecision) -> Conversation:
    return conversations.one(session, world.workspace, decision.decision.conversation)


def say(world: World, session: Session, decision: RecordedDecision, who: object, kind: MessageKind) -> str:
    said = ts(world)
    world.say(session, conversation_of(session, world, decision), said, who, "And then?", kind)
    return said


def hand_over(world: World, session: Session, decision: RecordedDecision) -> HandoffId:
    opened = handoffs.open_handoff(
        session,
        world.workspace,
        decision.decision.conversation,
        asker=world.uma,
        question=(decision.decision.place.channel, decision.decision.ts),
        reason=HandoffReason.BUTTON,
        **world.stamps,
    )
    return opened.handoff.id


def resolve(world: World, session: Session, handoff: HandoffId) -> None:
    staff = world.staff(world.sam)
    handoffs.claim(session, world.workspace, handoff, staff, now=world.now)
    handoffs.resolve(
        session, world.workspace, handoff, staff, answer="Done.", learn=False, vault=world.vault, **world.stamps
    )


def reopen(world: World, session: Session, handoff: HandoffId) -> None:
    handoffs.reopen(session, world.workspace, handoff, world.user(world.uma), now=world.now)


def look(world: World, session: Session, due: datetime | None = None, **options: object) -> int:
    given = {"due": due or world.now, "now": world.now, "said_at": told, **options}
    return outcomes.look(session, world.workspace, **given)  # type: ignore[arg-type]


def found(world: World, session: Session, decision: RecordedDecision) -> dict[OutcomeKind, bool]:
    return {one.kind: one.happened for one in outcomes.of(session, world.workspace, decision.id)}


# --- what is found ---


def test_silence_is_kept_and_is_unknown_never_success(world: World) -> None:
    with world.sessions.begin() as session:
        answer = asked(world, session)
        world.wait(days=1)
        assert look(world, session) == 1
        kept = {one.kind: one for one in outcomes.of(session, world.workspace, answer.id)}
    assert {kind: one.happened for kind, one in kept.items()} == {REPLIED: False, SILENT: True, HANDED: False}
    assert {one.meaning for one in kept.values()} == {Meaning.UNKNOWN}
    window = kept[SILENT].window
    assert (window.opens, window.closes) == (answer.at, answer.at + DAY) and window.rule


def test_a_reply_is_the_askers_own_and_no_staffs_nor_the_bots(world: World) -> None:
    who = {
        "asker": (world.uma, MessageKind.USER, True, False),
        "colleague": (world.tom, MessageKind.USER, False, False),
        "bystander": (world.tom, MessageKind.BYSTANDER, False, False),
        "staff": (world.sam, MessageKind.STAFF, False, True),
        "bot": (None, MessageKind.BOT, False, True),
    }
    with world.sessions.begin() as session:
        for person, kind, replied, silent in who.values():
            answer = asked(world, session)
            world.wait(minutes=5)
            said = say(world, session, answer, person, kind)
            world.wait(days=1)
            look(world, session)
            assert (found(world, session, answer)[REPLIED], found(world, session, answer)[SILENT]) == (replied, silent)
            if replied:
                [shown] = [one for one in outcomes.of(session, world.workspace, answer.id) if one.kind is REPLIED]
                assert shown.shown_by == said and shown.found_at == world.now


def test_only_what_lies_in_the_window_counts_however_late_one_looks(world: World) -> None:
    with world.sessions.begin() as session:
        answer = asked(world, session)
        world.wait(hours=24, seconds=1)
        say(world, session, answer, world.uma, MessageKind.USER)
        hand_over(world, session, answer)
        world.wait(days=90)
        look(world, session)
        assert found(world, session, answer) == {REPLIED: False, SILENT: True, HANDED: False}


def test_what_was_taken_back_and_what_was_said_elsewhere_is_no_reply(world: World) -> None:
    with world.sessions.begin() as session:
        answer, other = asked(world, session), asked(world, session)
        world.wait(minutes=1)
        gone = say(world, session, answer, world.uma, MessageKind.USER)
        conversations.delete_message(session, world.workspace, "C1", gone, now=world.now)
        world.wait(minutes=1)
        say(world, session, other, world.uma, MessageKind.USER)
        world.wait(days=1)
        look(world, session)
        assert found(world, session, answer)[SILENT] and found(world, session, other)[REPLIED]


def test_in_a_direct_message_every_new_message_goes_on_with_the_last_one(world: World) -> None:
    with world.sessions.begin() as session:
        first = asked(world, session, privacy=Privacy.DIRECT)
        second = asked(world, session, privacy=Privacy.DIRECT)
        world.wait(days=1)
        look(world, session)
        assert found(world, session, first)[REPLIED] and found(world, session, second)[SILENT]


def test_handed_over_belongs_to_the_question_that_people_were_called_for(world: World) -> None:
    with world.sessions.begin() as session:
        first, second = asked(world, session), asked(world, session)
        handoff = hand_over(world, session, second)
        world.wait(days=1)
        look(world, session)
        assert not found(world, session, first)[HANDED]
        [called] = [one for one in outcomes.of(session, world.workspace, second.id) if one.kind is HANDED]
    assert called.happened and called.shown_by == f"{handoff}:1" and called.meaning is Meaning.BAD


def test_a_resolution_that_lasts_a_week_is_the_only_thing_that_speaks_for_an_answer(world: World) -> None:
    with world.sessions.begin() as session:
        answer = asked(world, session, kind=DecisionKind.ABSTAINED)
        resolve(world, session, hand_over(world, session, answer))
        resolved = world.now
        assert look(world, session, resolved + WEEK - timedelta(seconds=1), now=resolved + WEEK) == 1
        assert STAYED not in found(world, session, answer)
        assert look(world, session, resolved + WEEK, now=resolved + WEEK) == 1
        kept = outcomes.of(session, world.workspace, answer.id)
    assert [one.kind for one in kept if one.meaning is Meaning.GOOD] == [STAYED]
    assert not next(one for one in kept if one.kind is REOPENED).happened


def test_each_resolution_has_a_week_of_its_own(world: World) -> None:
    with world.sessions.begin() as session:
        answer = asked(world, session)
        handoff = hand_over(world, session, answer)
        resolve(world, session, handoff)
        world.wait(days=6)
        reopen(world, session, handoff)
        resolve(world, session, handoff)
        world.wait(days=7)
        look(world, session)
        world.wait(days=1)
        reopen(world, session, handoff)
        look(world, session)
        weeks = [one for one in outcomes.of(session, world.workspace, answer.id) if one.window.began_by]
        seen = cohorts.observed(session, world.workspace, now=world.now)[0].outcomes
    by_resolution = [(one.window.began_by, one.kind, one.happened) for one in weeks]
    assert by_resolution == [
        (f"{handoff}:3", REOPENED, True),
        (f"{handoff}:3", STAYED, False),
        (f"{handoff}:6", REOPENED, False),
        (f"{handoff}:6", STAYED, True),
    ]
    assert weeks[0].shown_by == f"{handoff}:4"
    assert seen[REOPENED] and seen[STAYED]


def test_people_called_anew_for_the_same_question_is_no_lasting_resolution(world: World) -> None:
    with world.sessions.begin() as session:
        answer = asked(world, session)
        resolve(world, session, hand_over(world, session, answer))
        world.wait(days=2)
        again = hand_over(world, session, answer)
        world.wait(days=7)
        look(world, session)
        kept = {one.kind: one for one in outcomes.of(session, world.workspace, answer.id)}
    assert kept[REOPENED].happened and not kept[STAYED].happened
    assert kept[REOPENED].shown_by == f"{again}:1"


def test_what_asked_nothing_and_what_belongs_to_no_conversation_has_no_outcome(world: World) -> None:
    with world.sessions.begin() as session:
        asked(world, session, rule="greeting")
        asked(world, session, kind=DecisionKind.TOOL_CALL)
        asked(world, session, kind=DecisionKind.DECLINED)
        world.decision(session, new_ulid())
        world.wait(days=2)
        assert look(world, session, said_at=lambda _: None, not_asked={"greeting"}) == 0


# --- once, and nothing lost ---


def test_a_window_is_judged_once_it_has_closed_and_never_again(world: World) -> None:
    with world.sessions.begin() as session:
        answer = asked(world, session)
        closes = answer.at + DAY
        assert look(world, session, closes - timedelta(seconds=1), now=closes) == 0
        world.wait(days=1)
        assert look(world, session, closes) == 1
        before = outcomes.of(session, world.workspace, answer.id)
        say(world, session, answer, world.uma, MessageKind.USER)
        world.wait(days=3)
        assert [look(world, session, due) for due in (closes, world.now, world.now)] == [0, 0, 0]
        assert outcomes.of(session, world.workspace, answer.id) == before


def test_after_weeks_in_which_nobody_looked_every_window_is_judged_as_if_in_time(world: World) -> None:
    with world.sessions.begin() as session:
        answers = []
        for number in range(7):
            answer = asked(world, session)
            if number % 2:
                world.wait(hours=1)
                say(world, session, answer, world.uma, MessageKind.USER)
            handoff = hand_over(world, session, answer)
            resolve(world, session, handoff)
            world.wait(days=3)
            if number % 3 == 0:
                reopen(world, session, handoff)
            answers.append(answer)
        world.wait(days=40)
        # A few at a time, as a large backlog is taken.
        assert sum(iter(lambda: look(world, session, limit=2), 0)) == 2 * len(answers)
        late = [found(world, session, answer) for answer in answers]
    assert [one[REPLIED] for one in late] == [bool(number % 2) for number in range(7)]
    assert [one[REOPENED] for one in late] == [number % 3 == 0 for number in range(7)]
    assert [one[STAYED] for one in late] == [number % 3 != 0 for number in range(7)]


def test_two_who_look_at_once_find_each_window_once(world: World) -> None:
    with world.sessions.begin() as session:
        answers = [asked(world, session) for _ in range(20)]
        world.wait(days=1)

    def look_alone(_: int) -> int:
        with world.sessions.begin() as session:
            return look(world, session)

    with ThreadPoolExecutor(4) as pool:
        judged = list(pool.map(look_alone, range(4)))
    assert sum(judged) == len(answers)
    with world.sessions() as session:
        assert all(len(outcomes.of(session, world.workspace, answer.id)) == 3 for answer in answers)


# --- clocks that jump ---


def test_what_a_clock_that_ran_ahead_judged_before_its_time_is_judged_again(world: World) -> None:
    with world.sessions.begin() as session:
        answer = asked(world, session)
        real = world.now
        world.wait(days=400)
        assert look(world, session) == 1 and found(world, session, answer)[SILENT]
        world.now = real + timedelta(minutes=10)
        say(world, session, answer, world.uma, MessageKind.USER)
        assert look(world, session) == 0 and found(world, session, answer) == {}, "its day is not over"
        world.now = real + DAY
        assert look(world, session) == 1
        assert found(world, session, answer)[REPLIED]
        assert look(world, session) == 0


@pytest.mark.parametrize("off", [timedelta(days=-300), timedelta(days=300)])
def test_an_answer_that_was_recorded_under_a_wrong_clock_loses_nothing(world: World, off: timedelta) -> None:
    """The place where people write has a clock of its own; windows go by that one."""
    with world.sessions.begin() as session:
        real = world.now
        begun = ts(world)
        conversation = world.conversation(session, thread=begun)
        world.now = real + off
        answer = world.decision(session, begun, place=conversation.place, conversation=conversation.id)
        world.now = real + timedelta(hours=2)
        said = ts(world)
        world.now += off
        world.say(session, conversation, said, world.uma, "And then?")
        world.now = real + timedelta(hours=23)
        assert look(world, session) == 0
        world.now = real + timedelta(hours=25)
        assert look(world, session) == 1
        assert found(world, session, answer)[REPLIED]
        assert look(world, session) == 0


def test_where_a_ts_tells_no_time_when_it_was_taken_counts(world: World) -> None:
    with world.sessions.begin() as session:
        conversation = world.conversation(session, thread="ticket-7")
        answer = world.decision(session, "a", place=Place("C1", "ticket-7"), conversation=conversation.id)
        world.wait(hours=23)
        world.say(session, conversation, "b", world.uma, "And then?")
        world.wait(hours=1)
        assert look(world, session, said_at=lambda _: None) == 1
        assert found(world, session, answer)[REPLIED]


# --- workspaces ---


def test_two_workspaces_never_meet(world: World) -> None:
    other = World(world.sessions)
    with world.sessions.begin() as session:
        mine = []
        for place in (world, other):
            answer = asked(place, session)
            place.wait(minutes=1)
            resolve(place, session, hand_over(place, session, answer))
            place.wait(days=8)
            mine.append(answer)
        say(world, session, mine[0], world.uma, MessageKind.USER)
        assert look(other, session) == 2
        assert outcomes.of(session, world.workspace, mine[0].id) == ()
        assert outcomes.of(session, world.workspace, DecisionId(mine[1].id)) == ()
        assert set(found(other, session, mine[1])) == set(OutcomeKind)
        # Nor does a look of one that lies behind take back what the other has found.
        world.now -= timedelta(days=300)
        assert look(world, session) == 0
        assert set(found(other, session, mine[1])) == set(OutcomeKind)
