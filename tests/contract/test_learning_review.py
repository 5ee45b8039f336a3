"""Reviews: authority, one winner, exact undo; on every engine and with the real knowledge base."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from learning_world import World
from sqlalchemy.orm import Session

from kb.database import Sessions
from kb.entries import Audience, Entry, EntryStatus
from learning import audit, proposals, review
from learning.conversations import Place, Privacy
from learning.errors import AlreadyDecided, NotAllowed, Stale, WrongState
from learning.ids import HandoffId
from learning.people import Actor
from learning.proposals import (
    STATES,
    Origin,
    Proposal,
    ProposalDraft,
    ProposalKind,
    ProposalState,
    shown_hash,
    shown_prefix,
)
from learning.review import ConflictChoice, ReviewAction


@pytest.fixture
def world(sessions: Sessions) -> World:
    return World(sessions)


def _approve(world: World, session: Session, proposal: Proposal, actor: Actor | None = None, **given: Any) -> Proposal:
    options = {"shown": shown_prefix(proposal), "four_eyes": False, "knowledge": world.knowledge, **given}
    actor = actor or world.admin(world.ada)
    return review.approve(session, world.workspace, proposal.id, actor, **options, **world.stamps)


def _undo(world: World, session: Session, proposal: Proposal, actor: Actor | None = None) -> Proposal:
    actor = actor or world.admin(world.ada)
    return review.undo(session, world.workspace, proposal.id, actor, knowledge=world.knowledge, **world.stamps)


def _reject(world: World, session: Session, proposal: Proposal, actor: Actor | None = None) -> Proposal:
    actor = actor or world.admin(world.ada)
    shown = shown_hash(proposal)
    return review.reject(session, world.workspace, proposal.id, actor, shown=shown, reason="not ours", **world.stamps)


def _edit(
    world: World, session: Session, proposal: Proposal, draft: ProposalDraft, actor: Actor | None = None
) -> Proposal:
    actor = actor or world.admin(world.ada)
    shown = shown_prefix(proposal)
    return review.edit(session, world.workspace, proposal.id, actor, shown=shown, draft=draft, **world.stamps)


def _now(world: World, session: Session, entry: Entry | proposals.Target) -> Entry:
    return world.knowledge.get(
        session, world.workspace, entry.entry if isinstance(entry, proposals.Target) else entry.id
    )


def test_an_approved_proposal_becomes_a_live_entry_with_its_provenance(world: World) -> None:
    with world.sessions.begin() as session:
        conversation = world.conversation(session)
        source = world.source(conversation=conversation.id, handoff=HandoffId("H1"))
        made = world.propose(session, source=source)
        decided = _approve(world, session, made)
        assert decided.applied is not None
        entry = _now(world, session, decided.applied)
    assert decided.state is ProposalState.APPROVED and decided.decided_by == world.ada
    assert (entry.question, entry.answer, entry.status) == (made.draft.question, made.draft.answer, EntryStatus.LIVE)
    provenance = entry.content.provenance
    assert (provenance.origin, provenance.proposal) == ("proposal", made.id)
    assert (provenance.conversations, provenance.people) == ((conversation.id,), (world.sam,))


@pytest.mark.parametrize("act", [_approve, _reject, _undo])
def test_only_admins_decide(world: World, act: Callable[..., Proposal]) -> None:
    with world.sessions.begin() as session:
        made = world.propose(session)
        for actor in (world.user(world.uma), world.staff(world.sam)):
            with pytest.raises(NotAllowed):
                act(world, session, made, actor)
        with pytest.raises(NotAllowed):
            _edit(world, session, made, ProposalDraft("A?", "B"), world.staff(world.sam))
        assert proposals.one(session, world.workspace, made.id) == made
        assert world.knowledge.entries(session, world.workspace) == ()


def test_what_was_not_shown_is_not_applied(world: World) -> None:
    with world.sessions.begin() as session:
        made = world.propose(session)
        edited = _edit(world, session, made, replace(made.draft, answer="Somewhere else entirely."))
        for late in (_approve, _reject):
            with pytest.raises(Stale):
                late(world, session, made)
        decided = _approve(world, session, edited)
        assert decided.applied is not None
        assert _now(world, session, decided.applied).answer == "Somewhere else entirely."


def test_an_edit_on_approval_is_what_is_published(world: World) -> None:
    with world.sessions.begin() as session:
        made = world.propose(session)
        draft = ProposalDraft("Where do I reset it?", "In Settings.", ("reset?",), Audience(frozenset({"group:S1"})))
        decided = _approve(world, session, made, edited=draft)
        assert decided.applied is not None
        entry = _now(world, session, decided.applied)
    assert (entry.question, entry.answer, entry.content.phrasings) == (draft.question, draft.answer, draft.phrasings)
    assert entry.content.audience == draft.audience and decided.draft == draft


def test_of_two_admins_at_once_one_decides_and_the_other_learns_who(world: World) -> None:
    with world.sessions.begin() as session:
        made = world.propose(session)
    barrier = threading.Barrier(2)
    won: list[str] = []
    lost: list[AlreadyDecided] = []

    def decide(person: str) -> None:
        actor = world.admin(getattr(world, person))
        barrier.wait()
        try:
            with world.sessions.begin() as session:
                _approve(world, session, made, actor)
            won.append(actor.person)
        except AlreadyDecided as late:
            lost.append(late)

    threads = [threading.Thread(target=decide, args=(person,)) for person in ("ada", "ann")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1 and [(late.by, late.state) for late in lost] == [(won[0], "approved")]
    with world.sessions() as session:
        assert len(world.knowledge.entries(session, world.workspace)) == 1
        assert world.knowledge.version(session, world.workspace) == 1
        assert len(review.of_proposal(session, world.workspace, made.id)) == 1


def test_approving_and_rejecting_at_once_leave_one_outcome(world: World) -> None:
    with world.sessions.begin() as session:
        made = world.propose(session)
    barrier = threading.Barrier(2)
    failed: list[Exception] = []

    def decide(act: Callable[..., Proposal], person: str) -> None:
        barrier.wait()
        try:
            with world.sessions.begin() as session:
                act(world, session, made, world.admin(getattr(world, person)))
        except AlreadyDecided as late:
            failed.append(late)

    threads = [threading.Thread(target=decide, args=pair) for pair in ((_approve, "ada"), (_reject, "ann"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with world.sessions() as session:
        found = proposals.one(session, world.workspace, made.id)
        entries = world.knowledge.entries(session, world.workspace)
    assert len(failed) == 1
    assert len(entries) == (1 if found.state is ProposalState.APPROVED else 0)


def test_a_second_click_of_the_same_admin_changes_nothing(world: World) -> None:
    with world.sessions.begin() as session:
        made = world.propose(session)
        once, twice = _approve(world, session, made), _approve(world, session, made)
        assert once == twice and len(world.knowledge.entries(session, world.workspace)) == 1


@pytest.mark.parametrize("state", ProposalState)
@pytest.mark.parametrize(
    ("act", "target"),
    [(_approve, ProposalState.APPROVED), (_reject, ProposalState.REJECTED), (_undo, ProposalState.UNDONE)],
)
def test_every_decision_leads_where_the_table_says_and_every_other_is_refused(
    world: World, state: ProposalState, act: Callable[..., Proposal], target: ProposalState
) -> None:
    with world.sessions.begin() as session:
        made = world.propose(session)
        ways: dict[ProposalState, tuple[Callable[..., Proposal], ...]] = {
            ProposalState.APPROVED: (_approve,),
            ProposalState.REJECTED: (_reject,),
            ProposalState.UNDONE: (_approve, _undo),
        }
        for step in ways.get(state, ()):
            step(world, session, made)
        if state is ProposalState.DROPPED:
            assert proposals.drop(session, world.workspace, made.id, reason="votes turned", now=world.now)
        if target in STATES[state]:
            assert act(world, session, made, world.admin(world.ann)).state is target
            return
        with pytest.raises((AlreadyDecided, WrongState)):
            act(world, session, made, world.admin(world.ann))
        assert proposals.one(session, world.workspace, made.id).state is state


def test_what_was_rejected_is_not_proposed_again(world: World) -> None:
    with world.sessions.begin() as session:
        made = world.propose(session, source=world.source(handoff=HandoffId("H1")))
        _reject(world, session, made)
        again = world.propose(session, source=world.source(world.tom, handoff=HandoffId("H2")))
        other = world.propose(session, answer="Quite another answer.")
    assert again.id == made.id and again.state is ProposalState.REJECTED and again.reason == "not ours"
    assert other.pending


def test_what_was_edited_before_its_rejection_is_still_recognised(world: World) -> None:
    with world.sessions.begin() as session:
        made = world.propose(session, source=world.source(handoff=HandoffId("H1")))
        _reject(world, session, _edit(world, session, made, replace(made.draft, answer="Edited.")))
        again = world.propose(session, source=world.source(handoff=HandoffId("H2")))
    assert again.id == made.id


def test_four_eyes_keep_people_from_approving_their_own_words(world: World) -> None:
    with world.sessions.begin() as session:
        made = world.propose(session, source=world.source(world.ada))
        with pytest.raises(NotAllowed, match="another admin"):
            _approve(world, session, made, four_eyes=True)
        edited = _edit(world, session, made, replace(made.draft, answer="Ann's words."), world.admin(world.ann))
        for own in (world.ada, world.ann):
            with pytest.raises(NotAllowed, match="another admin"):
                _approve(world, session, edited, world.admin(own), four_eyes=True)
        with pytest.raises(NotAllowed, match="another admin"):
            mine = replace(edited.draft, answer="Sam's words.")
            _approve(world, session, edited, world.admin(world.sam), edited=mine, four_eyes=True)
        assert _approve(world, session, edited, world.admin(world.tom), four_eyes=True).decided_by == world.tom


def test_what_needs_an_answer_cannot_be_approved_without_one(world: World) -> None:
    with world.sessions.begin() as session:
        source = world.source(origin=Origin.THUMBS_DOWN)
        made = world.propose(session, "Why twice?", "", needs_answer=True, source=source)
        with pytest.raises(WrongState):
            _approve(world, session, made)
        edited = _edit(world, session, made, replace(made.draft, answer="A double booking; it is returned."))
        assert not edited.needs_answer
        assert _approve(world, session, edited).state is ProposalState.APPROVED


def test_a_question_that_got_its_answer_waits_no_longer(world: World) -> None:
    with world.sessions.begin() as session:
        asked = world.propose(
            session, "Reset password?", "", needs_answer=True, source=world.source(origin=Origin.THUMBS_DOWN)
        )
        other = world.propose(
            session, "Why twice?", "", needs_answer=True, source=world.source(origin=Origin.THUMBS_DOWN)
        )
        draft = ProposalDraft("How do I reset it?", "In Settings.", ("reset password",))
        _approve(world, session, world.propose(session, draft=draft))
        assert proposals.one(session, world.workspace, asked.id).state is ProposalState.DROPPED
        assert proposals.needing_answer(session, world.workspace) == (other,)


def test_a_replacement_makes_the_next_version_and_undo_restores_the_one_before_exactly(world: World) -> None:
    with world.sessions.begin() as session:
        entry = world.entry(session, "How long do refunds take?", "10 days.")
        draft = ProposalDraft(entry.question, "5 days.", ("refund duration",))
        made = world.propose(session, draft=draft, kind=ProposalKind.REPLACES, target=entry)
        decided = _approve(world, session, made)
        replaced = _now(world, session, entry)
        undone = _undo(world, session, decided)
        restored = _now(world, session, entry)
    assert (replaced.version, replaced.answer) == (2, "5 days.")
    assert replaced.content.provenance.source == "faq.csv"
    assert undone.state is ProposalState.UNDONE
    assert (restored.version, restored.content, restored.status) == (3, entry.content, entry.status)


def test_undoing_a_new_entry_takes_it_out_whatever_came_after(world: World) -> None:
    with world.sessions.begin() as session:
        decided = _approve(world, session, world.propose(session))
        assert decided.applied is not None
        entry = _now(world, session, decided.applied)
        phrase = world.propose(session, "pw reset", entry.answer, kind=ProposalKind.NEW_PHRASING, target=entry)
        _approve(world, session, phrase)
        _undo(world, session, decided)
        assert _now(world, session, entry).status is EntryStatus.RETIRED


def test_undoing_one_of_several_changes_takes_out_that_one_alone(world: World) -> None:
    with world.sessions.begin() as session:
        entry = world.entry(session, "How long do refunds take?", "10 days.")
        correction = world.propose(session, entry.question, "5 days.", kind=ProposalKind.REPLACES, target=entry)
        first = _approve(world, session, correction)
        for wording in ("refund time", "money back when"):
            target = _now(world, session, entry)
            added = world.propose(session, wording, "5 days.", kind=ProposalKind.NEW_PHRASING, target=target)
            last = _approve(world, session, added)
        _undo(world, session, first)
        without_answer = _now(world, session, entry)
        with pytest.raises(Stale):
            _undo(world, session, last)
    assert (without_answer.answer, without_answer.content.phrasings) == ("10 days.", ("refund time", "money back when"))


def test_two_wordings_for_one_entry_are_both_added_from_one_list(world: World) -> None:
    with world.sessions.begin() as session:
        entry = world.entry(session, "Where are exports?", "Under Reports.")
        made = [
            world.propose(session, wording, entry.answer, kind=ProposalKind.NEW_PHRASING, target=entry)
            for wording in ("exports?", "Where do I export?", "Exports??")
        ]
        assert made[0].id == made[2].id
        for one in made[:2]:
            _approve(world, session, one)
        phrased = _now(world, session, entry)
    assert phrased.content.phrasings == ("exports?", "Where do I export?")
    assert phrased.version == 3


def test_a_target_that_moved_on_is_not_overwritten(world: World) -> None:
    with world.sessions.begin() as session:
        entry = world.entry(session, "How long do refunds take?", "10 days.")
        first = world.propose(session, entry.question, "5 days.", kind=ProposalKind.REPLACES, target=entry)
        second = world.propose(session, entry.question, "7 days.", kind=ProposalKind.REPLACES, target=entry)
        _approve(world, session, first)
        with pytest.raises(Stale):
            _approve(world, session, second)
        still = proposals.one(session, world.workspace, second.id)
        assert still.pending and _now(world, session, entry).answer == "5 days."
        assert len(review.of_proposal(session, world.workspace, second.id)) == 0


def test_a_conflict_is_decided_by_choice_alone(world: World) -> None:
    with world.sessions.begin() as session:
        entry = world.entry(session, "How long do refunds take?", "10 days.", Audience(frozenset({"group:S1"})))
        conflict = {"kind": ProposalKind.CONFLICTS, "target": entry}
        kept = world.propose(session, "When is my refund here?", "5 days.", **conflict)
        with pytest.raises(WrongState, match="Choose"):
            _approve(world, session, kept)
        decided = _approve(world, session, kept, choice=ConflictChoice.KEEP_BOTH)
        assert decided.applied is not None and decided.applied.entry != entry.id
        taken = world.propose(session, "Refund delay?", "6 days.", **conflict)
        replaced = _approve(world, session, taken, choice=ConflictChoice.REPLACE)
        now = _now(world, session, entry)
        assert (now.answer, now.content.phrasings) == ("6 days.", ("Refund delay?",))
        assert now.content.audience == entry.content.audience
        _undo(world, session, replaced)
        assert _now(world, session, entry).content == entry.content


def test_a_retirement_takes_an_entry_out_and_undo_brings_it_back(world: World) -> None:
    with world.sessions.begin() as session:
        entry = world.entry(session, "Where is the fax?", "Room 3.")
        made = world.propose(session, entry.question, "", kind=ProposalKind.RETIRE, target=entry)
        decided = _approve(world, session, made)
        assert _now(world, session, entry).status is EntryStatus.RETIRED
        _undo(world, session, decided)
        back = _now(world, session, entry)
    assert (back.status, back.content) == (EntryStatus.LIVE, entry.content)


def test_text_from_a_private_channel_widens_only_when_a_reviewer_chose(world: World) -> None:
    with world.sessions.begin() as session:
        source = world.source(privacy=Privacy.CHANNEL, place=Place("C-finance", "1"))
        made = world.propose(session, source=source)
        with pytest.raises(WrongState, match="private channel"):
            _approve(world, session, made)
        assert _edit(world, session, made, made.draft).edited_by == world.ada
        assert (
            _approve(world, session, proposals.one(session, world.workspace, made.id)).state is ProposalState.APPROVED
        )
        home = Audience(frozenset({"channel:C-finance"}))
        narrow = world.propose(session, draft=ProposalDraft("Budget?", "Ask Ann.", audience=home), source=source)
        decided = _approve(world, session, narrow)
        assert decided.applied is not None
        assert _now(world, session, decided.applied).content.audience == home


def test_staff_take_an_entry_out_at_once_and_put_it_back(world: World) -> None:
    with world.sessions.begin() as session:
        entry = world.entry(session, "Where is the fax?", "Room 3.")
        given = {"knowledge": world.knowledge, **world.stamps}
        with pytest.raises(NotAllowed):
            review.stop_entry(session, world.workspace, entry.id, world.user(world.uma), **given)
        stop = review.stop_entry(session, world.workspace, entry.id, world.staff(world.sam), **given)
        assert _now(world, session, entry).status is EntryStatus.STOPPED
        with pytest.raises(AlreadyDecided) as late:
            review.stop_entry(session, world.workspace, entry.id, world.staff(world.tom), **given)
        assert late.value.by == world.sam
        assert stop.result is not None
        assert review.standing_stop(session, world.workspace, stop.result) == stop
        assert review.undo_of(session, world.workspace, stop.id) is None
        with pytest.raises(NotAllowed):
            review.undo_stop(session, world.workspace, stop.id, world.user(world.uma), **given)
        undone = review.undo_stop(session, world.workspace, stop.id, world.staff(world.tom), **given)
        assert review.undo_of(session, world.workspace, stop.id) == undone
        back = _now(world, session, entry)
        assert review.standing_stop(session, world.workspace, proposals.Target(back.id, back.version)) is None
        assert (back.status, back.content) == (EntryStatus.LIVE, entry.content)
        with pytest.raises(AlreadyDecided) as twice:
            review.undo_stop(session, world.workspace, stop.id, world.staff(world.sam), **given)
        assert twice.value.by == world.tom


def test_of_two_who_stop_at_once_one_wins(world: World) -> None:
    with world.sessions.begin() as session:
        entry = world.entry(session, "Where is the fax?", "Room 3.")
    barrier = threading.Barrier(2)
    lost: list[AlreadyDecided] = []

    def stop(person: str) -> None:
        barrier.wait()
        try:
            with world.sessions.begin() as session:
                actor = world.staff(getattr(world, person))
                review.stop_entry(session, world.workspace, entry.id, actor, knowledge=world.knowledge, **world.stamps)
        except AlreadyDecided as late:
            lost.append(late)

    threads = [threading.Thread(target=stop, args=(person,)) for person in ("sam", "tom")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with world.sessions() as session:
        assert _now(world, session, entry).version == 2
    assert len(lost) == 1 and lost[0].by in (world.sam, world.tom)


def test_a_correction_of_what_was_stopped_puts_the_new_answer_in_use(world: World) -> None:
    with world.sessions.begin() as session:
        entry = world.entry(session, "How long do refunds take?", "10 days.")
        given = {"knowledge": world.knowledge, **world.stamps}
        review.stop_entry(session, world.workspace, entry.id, world.staff(world.sam), **given)
        stopped = _now(world, session, entry)
        made = world.propose(session, entry.question, "5 days.", kind=ProposalKind.REPLACES, target=entry)
        decided = _approve(world, session, made)
        corrected = _now(world, session, entry)
        _undo(world, session, decided)
        back = _now(world, session, entry)
    assert (corrected.status, corrected.answer) == (EntryStatus.LIVE, "5 days.")
    assert (back.status, back.content) == (stopped.status, stopped.content)


def test_every_decision_leaves_a_review_and_an_audit_record(world: World) -> None:
    with world.sessions.begin() as session:
        made = world.propose(session)
        edited = _edit(world, session, made, replace(made.draft, answer="Edited."))
        _undo(world, session, _approve(world, session, edited))
        other = world.propose(session, "Other?", "Other.")
        _reject(world, session, other)
        told = [one.action for one in review.of_proposal(session, world.workspace, made.id)]
        trail = [record.action for record in audit.records(session, world.workspace)]
        intact = audit.verify(session, world.workspace)
    assert told == [ReviewAction.EDIT, ReviewAction.APPROVE, ReviewAction.UNDO]
    assert trail == ["proposal.edit", "proposal.approve", "proposal.undo", "proposal.reject"]
    assert intact is None


def test_a_change_that_is_rolled_back_leaves_nothing(world: World) -> None:
    with world.sessions.begin() as session:
        made = world.propose(session)
    session = world.sessions()
    _approve(world, session, made)
    session.rollback()
    session.close()
    with world.sessions() as fresh:
        assert proposals.one(fresh, world.workspace, made.id).pending
        assert world.knowledge.entries(fresh, world.workspace) == ()
        assert audit.records(fresh, world.workspace) == ()
