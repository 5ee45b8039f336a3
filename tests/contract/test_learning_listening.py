"""What a message is listened to with, and what is kept of it, on every engine."""

from datetime import timedelta

import pytest
from learning_world import World
from sqlalchemy.orm import Session

from kb.database import Sessions
from kb.ids import EntryId, new_ulid
from learning import conversations, handoffs, recorder, signals
from learning.conversations import Conversation, MessageKind, Place, Privacy
from learning.handoffs import HandoffReason
from learning.recorder import DecisionKind, RecordedDecision
from learning.signals import Heard, Overheard, Own, SignalKind

E1, E2 = EntryId("E1"), EntryId("E2")
ABSTAINED = DecisionKind.ABSTAINED
GOES_ON = timedelta(minutes=10)


@pytest.fixture
def world(sessions: Sessions) -> World:
    return World(sessions)


def ask(
    world: World,
    session: Session,
    conversation: Conversation,
    ts: str,
    text: str,
    *,
    answer: str = "In the Perch app.",
    **facts: object,
) -> RecordedDecision:
    """A message of Uma's, the decision on it, and what the bot said to it a moment later."""
    world.wait(minutes=1)
    world.say(session, conversation, ts, world.uma, text)
    given = {"place": conversation.place, "conversation": conversation.id, "evidence": (E1,), **facts}
    decision = world.decision(session, ts, **given)
    said = f"{ts}5"
    if answer:
        world.say(session, conversation, said, None, answer, MessageKind.BOT)
        recorder.posted(session, world.workspace, decision.id, place=conversation.place, ts=said, now=world.now)
    return decision


def overhear(world: World, session: Session, ts: str, channel: str = "C1") -> Overheard | None:
    return signals.overhear(
        session, world.workspace, channel, ts, vault=world.vault, not_asked={"thanks"}, goes_on=GOES_ON
    )


def test_a_message_is_heard_with_the_answer_before_it_in_the_words_that_were_written(world: World) -> None:
    with world.sessions.begin() as session:
        here = world.conversation(session, thread="1")
        first = ask(world, session, here, "1", "How do I book a desk?")
        ask(world, session, here, "2", "And a room?", evidence=(E2,), confidence=0.7)
        found = overhear(world, session, "2")
    assert found == Overheard(
        decision=first.id,
        ts="2",
        person=world.uma,
        at=world.now,
        text="And a room?",
        question="How do I book a desk?",
        answer="In the Perch app.",
        entry=E1,
        own=Own(E2, 0.7),
        asks=True,
        length=3,
    )


def test_without_an_answer_before_it_and_of_anybody_else_nothing_is_heard(world: World) -> None:
    with world.sessions.begin() as session:
        here = world.conversation(session, thread="1")
        ask(world, session, here, "1", "How do I book a desk?")
        world.say(session, here, "2", world.sam, "In Perch.", MessageKind.STAFF)
        world.say(session, here, "3", world.tom, "Me too.", MessageKind.BYSTANDER)
        world.say(session, here, "4", world.uma, "Never mind.")
        conversations.delete_message(session, world.workspace, "C1", "4", now=world.now)
        assert [overhear(world, session, ts) for ts in ("1", "15", "2", "3", "4", "9")] == [None] * 6


def test_an_abstention_is_no_answer_and_a_follow_up_has_no_words_of_its_own(world: World) -> None:
    with world.sessions.begin() as session:
        here = world.conversation(session, thread="1")
        ask(world, session, here, "1", "desk?", answer="I am not sure.", kind=ABSTAINED)
        ask(world, session, here, "2", "And for two?", facts={"follow_up": True})
        found = overhear(world, session, "2")
    assert found is not None and (found.question, found.answer, found.entry) == ("desk?", "", None)
    assert found.own is None


def test_the_question_is_gone_on_from_and_not_what_only_closed_or_corrected_it(world: World) -> None:
    with world.sessions.begin() as session:
        here = world.conversation(session, thread="1")
        first = ask(world, session, here, "1", "How do I book a desk?")
        for ts, kind in (("2", SignalKind.CORRECTION), ("3", SignalKind.REGENERATION)):
            ask(world, session, here, ts, "No, in Roost.", kind=ABSTAINED)
            found = overhear(world, session, ts)
            assert found is not None
            signals.keep(session, world.workspace, found, [Heard(kind, "words-1")], ids=new_ulid)
        ask(world, session, here, "4", "Thanks!", rule="thanks")
        fifth = ask(world, session, here, "5", "Great, that works. And a room?")
        found = overhear(world, session, "5")
        assert found is not None and (found.decision, found.question) == (first.id, "How do I book a desk?")
        both = [Heard(SignalKind.COMPLETION, "words-1"), Heard(SignalKind.FOLLOW_UP, "meaning-1", 0.4)]
        signals.keep(session, world.workspace, found, both, ids=new_ulid)
        world.say(session, here, "6", world.uma, "And for two?")
        found = overhear(world, session, "6")
    assert found is not None and (found.decision, found.question) == (fifth.id, "Great, that works. And a room?")


def test_after_trying_again_the_question_is_still_the_first_one(world: World) -> None:
    with world.sessions.begin() as session:
        here = world.conversation(session, thread="1")
        ask(world, session, here, "1", "How do I book a desk?")
        again = world.decision(session, "15", place=here.place, conversation=here.id, evidence=(E2,), parent="1")
        world.say(session, here, "2", world.uma, "And a room?")
        found = overhear(world, session, "2")
    assert found is not None and (found.decision, found.question) == (again.id, "How do I book a desk?")
    assert found.entry == E2


def test_thanks_ask_nothing_and_once_people_have_it_the_agent_is_asked_nothing(world: World) -> None:
    with world.sessions.begin() as session:
        here = world.conversation(session, thread="1")
        ask(world, session, here, "1", "How do I book a desk?")
        ask(world, session, here, "2", "Thanks!", rule="thanks", kind=ABSTAINED)
        assert (thanked := overhear(world, session, "2")) is not None and not thanked.asks
        world.say(session, here, "3", world.uma, "And a room?")
        world.wait(minutes=1)
        handoffs.open_handoff(
            session,
            world.workspace,
            here.id,
            asker=world.uma,
            question=("C1", "1"),
            reason=HandoffReason.BUTTON,
            **world.stamps,
        )
        assert (asked := overhear(world, session, "3")) is not None and asked.asks, "they were called because of it"
        world.say(session, here, "4", world.uma, "And a room?")
        assert (to_people := overhear(world, session, "4")) is not None and not to_people.asks


def test_a_direct_message_goes_on_with_the_one_just_before_it(world: World) -> None:
    with world.sessions.begin() as session:
        before = world.conversation(session, thread="1", channel="D1", privacy=Privacy.DIRECT)
        first = ask(world, session, before, "1", "How do I book a desk?")
        world.wait(minutes=5)
        here = world.conversation(session, thread="2", channel="D1", privacy=Privacy.DIRECT)
        ask(world, session, here, "2", "And a room?")
        found = overhear(world, session, "2", "D1")
        assert found is not None and found.decision == first.id
        world.wait(minutes=12)
        late = world.conversation(session, thread="3", channel="D1", privacy=Privacy.DIRECT)
        ask(world, session, late, "3", "And a locker?")
        assert overhear(world, session, "3", "D1") is None
        # In a channel every message that is no reply begins something new.
        aside = world.conversation(session, thread="4")
        ask(world, session, aside, "4", "And a canteen?")
        assert overhear(world, session, "4") is None


def test_what_was_heard_is_kept_once_with_who_said_it_and_how_long_it_has_become(world: World) -> None:
    with world.sessions.begin() as session:
        here = world.conversation(session, thread="1")
        first = ask(world, session, here, "1", "How do I book a desk?")
        ask(world, session, here, "2", "And a room?")
        found = overhear(world, session, "2")
        assert found is not None
        heard = [Heard(SignalKind.FOLLOW_UP, "meaning-1", 0.4)]
        kept = [signals.keep(session, world.workspace, found, heard, ids=new_ulid) for _ in range(2)]
        noted = {one.kind: one for one in signals.of(session, world.workspace, first.id)}
    assert kept == [2, 0]
    follow_up, length = noted[SignalKind.FOLLOW_UP], noted[SignalKind.LENGTH]
    assert (follow_up.found_by, follow_up.shown_by, follow_up.value) == ("meaning-1", "2", 0.4)
    assert (follow_up.person, follow_up.at) == (world.uma, found.at)
    assert length.value == 3.0, "two questions and an answer"


def test_two_workspaces_never_meet(world: World) -> None:
    other = World(world.sessions)
    with world.sessions.begin() as session:
        for place in (world, other):
            here = place.conversation(session, thread="1")
            ask(place, session, here, "1", f"How does {place.workspace} book a desk?")
            place.say(session, here, "2", place.uma, "And a room?")
        mine, theirs = overhear(world, session, "2"), overhear(other, session, "2")
        assert mine is not None and theirs is not None
        assert world.workspace in mine.question and other.workspace in theirs.question
        assert mine.decision != theirs.decision
        lonely = world.conversation(session, thread="7", channel="C7")
        world.say(session, lonely, "8", world.uma, "Anybody?")
        there = other.conversation(session, thread="7", channel="C7")
        ask(other, session, there, "7", "How do I book a desk?")
        assert overhear(world, session, "8", "C7") is None
    assert Place("C7", "7") == lonely.place == there.place
