"""Deciding on a proposal: approve, edit, reject, undo.

Always: the proposal is read again by its id, locked, and must be what the actor was shown; of two who decide at once
exactly one wins and the other is told who; the change of the knowledge base, the review and the audit record stand or
fall together.
"""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kb.ids import IdSource, WorkspaceId
from learning import proposals
from learning.errors import AlreadyDecided, NotAllowed, Stale, WrongState
from learning.ids import ProposalId
from learning.people import Actor
from learning.proposals import Proposal, ProposalDraft, ProposalKind, ProposalState, Target
from learning.proposals.reading import key
from learning.proposals.store import draft_values, drop_answered, fingerprint, lock
from learning.review.changes import Applied, KnowledgeChanges, apply, take_back
from learning.review.record import ReviewAction, keep
from learning.rows import compare_and_set
from learning.tables import ProposalRow


class ConflictChoice(StrEnum):
    """What becomes of a proposal that conflicts with an entry; rejecting it is the third way."""

    REPLACE = "replace"
    KEEP_BOTH = "keep_both"


def approve(
    session: Session,
    workspace: WorkspaceId,
    proposal: ProposalId,
    actor: Actor,
    *,
    shown: str,
    edited: ProposalDraft | None = None,
    choice: ConflictChoice | None = None,
    four_eyes: bool,
    knowledge: KnowledgeChanges,
    now: datetime,
    ids: IdSource,
) -> Proposal:
    """Approve a proposal and apply it, in the caller's transaction.

    Args:
        shown: the shown hash, or its prefix, from the button that was clicked.
        edited: the draft as the reviewer changed it before approving.
        choice: what becomes of the entry it conflicts with; needed for conflicts, otherwise ignored.
        four_eyes: whether the people whose words it is made of cannot approve it.

    Raises:
        NotAllowed: not an admin, or four eyes are asked for and these are the same two.
        AlreadyDecided: somebody else was first; `by` says who.
        Stale: the proposal or its target is not what was shown.
        WrongState: it still needs an answer, or a choice.
    """
    _admin(actor, "Only an admin can approve this.")
    found = _pending(session, workspace, proposal, actor, ProposalState.APPROVED)
    if not found.pending:
        return found
    _as_shown(found, shown)
    if edited is not None and edited != found.draft:
        found = replace(found, draft=edited, edited_by=actor.person, needs_answer=False)
    _may_approve(found, actor, choice, four_eyes)
    replaces = choice is ConflictChoice.REPLACE
    # Where applying fails, the claim on the proposal must not outlive it, even if the caller goes on.
    with session.begin_nested():
        decided = {
            "state": ProposalState.APPROVED,
            "decided_by": actor.person,
            "decided_at": now,
            "edited_by": found.edited_by,
            "needs_answer": found.needs_answer,
            **draft_values(found.draft, _meaning(found, found.draft)),
        }
        _decide(session, found, ProposalState.PENDING, decided, now)
        applied = apply(session, knowledge, found, actor.person, replaces=replaces)
        outcome = {
            "applied_entry": applied.target.entry,
            "applied_version": applied.target.version,
            "previous_version": applied.previous,
        }
        compare_and_set(session, ProposalRow, key(workspace, proposal), outcome)
        drop_answered(session, workspace, found.draft, now=now)
        keep(session, workspace, ReviewAction.APPROVE, actor, found, applied, now, ids)
    return proposals.one(session, workspace, proposal)


def edit(
    session: Session,
    workspace: WorkspaceId,
    proposal: ProposalId,
    actor: Actor,
    *,
    shown: str,
    draft: ProposalDraft,
    now: datetime,
    ids: IdSource,
) -> Proposal:
    """Change the draft of a proposal that waits; it goes on waiting, with a new shown hash.

    Raises:
        NotAllowed: not an admin.
        AlreadyDecided: somebody decided on it meanwhile.
        Stale: it is not what was shown.
        WrongState: question or answer is empty, or another waiting proposal says the same.
    """
    _admin(actor, "Only an admin can edit this.")
    found = _pending(session, workspace, proposal, actor, None)
    if draft == found.draft and found.edited_by == actor.person:
        return found
    _as_shown(found, shown)
    if not draft.question.strip() or (not draft.answer.strip() and found.kind is not ProposalKind.RETIRE):
        raise WrongState("A question and an answer are needed.", state=found.state)
    changed = {
        **draft_values(draft, _meaning(found, draft)),
        "edited_by": actor.person,
        "needs_answer": False,
    }
    try:
        with session.begin_nested():
            _decide(session, found, ProposalState.PENDING, changed, now)
    except IntegrityError:
        raise WrongState("Another waiting proposal says the same; decide on that one.", state=found.state) from None
    keep(session, workspace, ReviewAction.EDIT, actor, found, None, now, ids)
    return proposals.one(session, workspace, proposal)


def reject(
    session: Session,
    workspace: WorkspaceId,
    proposal: ProposalId,
    actor: Actor,
    *,
    shown: str,
    reason: str,
    unneeded: bool = False,
    now: datetime,
    ids: IdSource,
) -> Proposal:
    """Reject a proposal for good: the same is not proposed again.

    Args:
        reason: why, in the reviewer's words; stays with the proposal.
        unneeded: whether it is right, only not needed, so that nobody's choice is held to have been wrong.

    Raises:
        NotAllowed: not an admin.
        AlreadyDecided: somebody else was first; `by` says who.
        Stale: it is not what was shown.
    """
    _admin(actor, "Only an admin can reject this.")
    found = _pending(session, workspace, proposal, actor, ProposalState.REJECTED)
    if not found.pending:
        return found
    _as_shown(found, shown)
    decided = {
        "state": ProposalState.REJECTED,
        "decided_by": actor.person,
        "decided_at": now,
        "reason": reason,
        "unneeded": unneeded,
    }
    _decide(session, found, ProposalState.PENDING, decided, now)
    keep(session, workspace, ReviewAction.REJECT, actor, found, None, now, ids)
    return proposals.one(session, workspace, proposal)


def undo(
    session: Session,
    workspace: WorkspaceId,
    proposal: ProposalId,
    actor: Actor,
    *,
    knowledge: KnowledgeChanges,
    now: datetime,
    ids: IdSource,
) -> Proposal:
    """Take an approval back: the entry is again what it was before.

    Raises:
        NotAllowed: not an admin.
        AlreadyDecided: somebody undid it first; `by` says who.
        Stale: later changes rest on it.
        WrongState: it was not approved.
    """
    _admin(actor, "Only an admin can undo this.")
    lock(session, workspace, proposal)
    found = proposals.one(session, workspace, proposal)
    if found.state is ProposalState.UNDONE:
        if found.decided_by == actor.person:
            return found
        raise _too_late(found)
    if found.state is not ProposalState.APPROVED:
        raise WrongState("Only what was approved can be undone.", by=found.decided_by, state=found.state)
    with session.begin_nested():
        decided = {"state": ProposalState.UNDONE, "decided_by": actor.person, "decided_at": now}
        _decide(session, found, ProposalState.APPROVED, decided, now)
        restored = take_back(session, knowledge, found, actor.person)
        before = found.applied.version if found.applied is not None else 0
        applied = Applied(Target(restored.id, restored.version), before)
        keep(session, workspace, ReviewAction.UNDO, actor, found, applied, now, ids)
    return proposals.one(session, workspace, proposal)


def _may_approve(found: Proposal, actor: Actor, choice: ConflictChoice | None, four_eyes: bool) -> None:
    if not found.draft.answer.strip() and found.kind is not ProposalKind.RETIRE:
        raise WrongState("This needs an answer first: edit it, then approve.", state=found.state)
    if found.kind is ProposalKind.CONFLICTS and choice is None:
        raise WrongState("Choose first: replace the known answer, or keep both.", state=found.state)
    if four_eyes and actor.person in found.people:
        raise NotAllowed("Four eyes: the words are yours, so another admin has to approve this.")


def _pending(
    session: Session,
    workspace: WorkspaceId,
    proposal: ProposalId,
    actor: Actor,
    wanted: ProposalState | None,
) -> Proposal:
    """The proposal, locked and waiting; or decided as wanted by this very actor, who clicked twice."""
    lock(session, workspace, proposal)
    found = proposals.one(session, workspace, proposal)
    if found.pending or (found.state is wanted and found.decided_by == actor.person):
        return found
    raise _too_late(found)


def _too_late(found: Proposal) -> AlreadyDecided:
    return AlreadyDecided(
        f"Somebody else was first: this has been {found.state} already.", by=found.decided_by, state=found.state
    )


def _decide(session: Session, found: Proposal, expected: ProposalState, values: dict[str, Any], now: datetime) -> None:
    """Change a proposal if it still is as it was read, and count the revision."""
    where = {**key(found.workspace, found.id), "state": expected, "revision": found.revision}
    counted = {**values, "revision": ProposalRow.revision + 1, "changed_at": now}
    if not compare_and_set(session, ProposalRow, where, counted):
        now_found = proposals.one(session, found.workspace, found.id)
        if now_found.state is not expected:
            raise _too_late(now_found)
        raise Stale("The proposal changed at this very moment; look at it again and decide anew.")


def _meaning(found: Proposal, draft: ProposalDraft) -> str:
    retired = found.target.entry if found.kind is ProposalKind.RETIRE and found.target is not None else None
    return fingerprint(draft, retired)


def _admin(actor: Actor, message: str) -> None:
    if not actor.is_admin:
        raise NotAllowed(message)


def _as_shown(found: Proposal, shown: str) -> None:
    if not proposals.is_shown(found, shown):
        raise Stale("The proposal has changed since it was shown; look at it again and decide anew.")
