"""Handoffs and their moves, on every engine."""

import threading
from collections.abc import Callable

import pytest
from learning_world import World
from sqlalchemy.orm import Session

from kb.database import Sessions
from learning import conversations, handoffs
from learning.conversations import MessageKind, Place
from learning.errors import AlreadyDecided, DecidedByOther, NotAllowed, Unknown, WrongState
from learning.handoffs import MOVES, Consent, Handoff, HandoffReason, HandoffState, Move
from learning.ids import HandoffId
from learning.people import Actor


@pytest.fixture
def world(sessions: Sessions) -> World:
    return World(sessions)


def _make(world: World, session: Session, handoff: HandoffId, move: Move, actor: Actor) -> Handoff:
    key = (session, world.workspace, handoff, actor)
    if move is Move.REASSIGN:
        return handoffs.reassign(*key, world.tom, now=world.now)
    if move is Move.RESOLVE:
        return handoffs.resolve(*key, answer="Done so.", learn=True, vault=world.vault, **world.stamps)
    plain: dict[Move, Callable[..., Handoff]] = {
        Move.CLAIM: handoffs.claim,
        Move.RELEASE: handoffs.release,
        Move.CANCEL: handoffs.cancel,
        Move.REOPEN: handoffs.reopen,
    }
    return plain[move](*key, now=world.now)


#: How each state is reached.
_WAYS: dict[HandoffState, tuple[Move, ...]] = {
    HandoffState.OPEN: (),
    HandoffState.CLAIMED: (Move.CLAIM,),
    HandoffState.RESOLVED: (Move.CLAIM, Move.RESOLVE),
    HandoffState.CANCELLED: (Move.CANCEL,),
}


@pytest.mark.parametrize("state", HandoffState)
@pytest.mark.parametrize("move", Move)
def test_every_move_leads_where_the_table_says_and_every_other_is_refused(
    world: World, state: HandoffState, move: Move
) -> None:
    with world.sessions.begin() as session:
        handoff = world.handoff(session).id
        for step in _WAYS[state]:
            _make(world, session, handoff, step, world.staff(world.sam))
        sources, target = MOVES[move]
        if state in sources:
            assert _make(world, session, handoff, move, world.staff(world.tom)).state is target
            return
        with pytest.raises(DecidedByOther) as refused:
            _make(world, session, handoff, move, world.staff(world.tom))
        unchanged = handoffs.one(session, world.workspace, handoff)
    assert unchanged.state is state
    assert refused.value.by == (world.uma if state is HandoffState.OPEN else world.sam)


def test_a_conversation_has_one_live_handoff(world: World) -> None:
    with world.sessions.begin() as session:
        first, second = world.handoff(session), world.handoff(session)
        handoffs.cancel(session, world.workspace, first.id, world.user(world.uma), now=world.now)
        third = world.handoff(session)
        latest = handoffs.by_conversation(session, world.workspace, first.conversation)
    assert first == second and third.id != first.id and latest == third


def test_a_repeated_click_of_the_same_person_changes_nothing(world: World) -> None:
    with world.sessions.begin() as session:
        handoff = world.handoff(session).id
        once = handoffs.claim(session, world.workspace, handoff, world.staff(world.sam), now=world.now)
        twice = handoffs.claim(session, world.workspace, handoff, world.staff(world.sam), now=world.now)
    assert once == twice


def test_only_staff_take_over_and_only_askers_say_whether_it_is_solved(world: World) -> None:
    with world.sessions.begin() as session:
        handoff = world.handoff(session).id
        for move in (Move.CLAIM, Move.RELEASE, Move.REASSIGN, Move.RESOLVE):
            with pytest.raises(NotAllowed):
                _make(world, session, handoff, move, world.user(world.uma))
        with pytest.raises(NotAllowed):
            _make(world, session, handoff, Move.CANCEL, world.user(world.tom))
        for move in (Move.CLAIM, Move.RESOLVE):
            _make(world, session, handoff, move, world.staff(world.sam))
        with pytest.raises(NotAllowed):
            handoffs.mark_solved(session, world.workspace, handoff, world.staff(world.sam), True, now=world.now)
        with pytest.raises(NotAllowed):
            _make(world, session, handoff, Move.REOPEN, world.user(world.tom))
        told = handoffs.mark_solved(session, world.workspace, handoff, world.user(world.uma), False, now=world.now)
        again = _make(world, session, handoff, Move.REOPEN, world.user(world.uma))
    assert told.solved is False
    assert (again.state, again.solved, again.resolution, again.claimed_by) == (HandoffState.OPEN, None, None, None)


def test_of_two_who_claim_at_once_one_wins_and_the_other_learns_who(world: World) -> None:
    with world.sessions.begin() as session:
        handoff = world.handoff(session).id
    barrier = threading.Barrier(2)
    won: list[str] = []
    lost: list[tuple[str, str | None]] = []

    def claim(person: str) -> None:
        actor = world.staff(getattr(world, person))
        barrier.wait()
        try:
            with world.sessions.begin() as session:
                handoffs.claim(session, world.workspace, handoff, actor, now=world.now)
            won.append(actor.person)
        except AlreadyDecided as late:
            lost.append((actor.person, late.by))

    threads = [threading.Thread(target=claim, args=(person,)) for person in ("sam", "tom")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1 and [by for _, by in lost] == won


def test_two_who_open_at_once_open_one(world: World) -> None:
    with world.sessions.begin() as session:
        conversation = world.conversation(session)
    barrier = threading.Barrier(2)
    opened: list[handoffs.Opened] = []

    def hand_over() -> None:
        barrier.wait()
        with world.sessions.begin() as session:
            made = handoffs.open_handoff(
                session,
                world.workspace,
                conversation.id,
                asker=world.uma,
                question=("C1", "100.000001"),
                reason=HandoffReason.ASKED,
                **world.stamps,
            )
        opened.append(made)

    threads = [threading.Thread(target=hand_over) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.created for one in opened) == [False, True]
    assert opened[0].handoff.id == opened[1].handoff.id


def test_an_old_handoff_does_not_reopen_beside_a_newer_one(world: World) -> None:
    with world.sessions.begin() as session:
        old = world.handoff(session).id
        for move in (Move.CLAIM, Move.RESOLVE):
            _make(world, session, old, move, world.staff(world.sam))
        new = world.handoff(session)
        with pytest.raises(WrongState):
            _make(world, session, old, Move.REOPEN, world.user(world.uma))
        assert handoffs.one(session, world.workspace, old).state is HandoffState.RESOLVED
        assert handoffs.live_one(session, world.workspace, new.conversation) == new


def test_resolve_is_offered_once_and_again_after_reopening(world: World) -> None:
    with world.sessions.begin() as session:
        handoff = world.handoff(session).id

        def offer() -> bool:
            return handoffs.mark_offered(session, world.workspace, handoff, now=world.now)

        before_claim = offer()
        _make(world, session, handoff, Move.CLAIM, world.staff(world.sam))
        offers = [offer(), offer()]
        for move in (Move.RESOLVE, Move.REOPEN, Move.CLAIM):
            _make(world, session, handoff, move, world.staff(world.sam))
        offers.append(offer())
    assert not before_claim and offers == [True, False, True]


def test_every_change_counts_the_revision(world: World) -> None:
    with world.sessions.begin() as session:
        handoff = world.handoff(session).id
        room = Place("C-support", "200.000001")
        revisions = [
            handoffs.set_room(session, world.workspace, handoff, room, now=world.now).revision,
            handoffs.set_room(session, world.workspace, handoff, Place("C-x", "1"), now=world.now).revision,
            handoffs.set_consent(session, world.workspace, handoff, Consent.GIVEN, now=world.now).revision,
            handoffs.set_consent(session, world.workspace, handoff, Consent.ASKED, now=world.now).revision,
            _make(world, session, handoff, Move.CLAIM, world.staff(world.sam)).revision,
        ]
        found = handoffs.by_room(session, world.workspace, room)
    assert revisions == [2, 2, 3, 3, 4]
    assert found is not None and (found.id, found.consent) == (handoff, Consent.GIVEN)


def test_an_answer_is_drafted_from_what_staff_wrote_since_the_opening(world: World) -> None:
    with world.sessions.begin() as session:
        conversation = world.conversation(session)
        world.say(session, conversation, "100.000001", world.sam, "Yesterday's news.", MessageKind.STAFF)
        world.wait(minutes=1)
        handoff = world.handoff(session).id
        room = Place("C-support", "200.000001")
        world.say(session, conversation, "100.000002", world.uma, "Anyone?")
        world.say(session, conversation, "100.000003", world.sam, "Hi Uma, let me check.", MessageKind.STAFF)
        answer = "Sorry for the wait. Exports live under Reports > Export."
        world.say(session, conversation, "200.000002", world.sam, answer, MessageKind.STAFF, room)
        world.say(session, conversation, "200.000003", None, answer, MessageKind.RELAYED)
        words = handoffs.staff_words(session, world.workspace, handoff, vault=world.vault)
    assert handoffs.draft_answer(words) == "Exports live under Reports > Export."


def test_a_resolutions_text_is_kept_for_who_may_read_it(world: World) -> None:
    with world.sessions.begin() as session:
        handoff = world.handoff(session).id
        for move in (Move.CLAIM, Move.RESOLVE):
            settled = _make(world, session, handoff, move, world.staff(world.sam))
        text = handoffs.resolution_text(session, world.workspace, handoff, vault=world.vault)
        repeated = _make(world, session, handoff, Move.RESOLVE, world.staff(world.sam))
        world.wait(days=1)
        assert conversations.purge(session, world.workspace, older_than=world.now) == 1
        purged = handoffs.resolution_text(session, world.workspace, handoff, vault=world.vault)
    assert text == "Done so." and repeated == settled and purged is None
    assert settled.resolution is not None and settled.resolution.learn


def test_handoffs_of_another_workspace_are_out_of_reach(world: World) -> None:
    other = World(world.sessions)
    with world.sessions.begin() as session:
        handoff = world.handoff(session)
        with pytest.raises(Unknown):
            handoffs.one(session, other.workspace, handoff.id)
        assert handoffs.live_one(session, other.workspace, handoff.conversation) is None
