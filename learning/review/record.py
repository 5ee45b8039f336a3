"""What a review is, and the one place where reviews and their audit records are written together."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.ids import EntryId, IdSource, WorkspaceId
from learning import audit
from learning.errors import AlreadyDecided, Unknown
from learning.ids import PersonId, ProposalId, ReviewId
from learning.people import Actor
from learning.proposals import Proposal, Target, shown_hash
from learning.review.changes import Applied
from learning.rows import fetch, fetch_all, insert_if_absent
from learning.tables import ReviewRow


class ReviewAction(StrEnum):
    """What a person decided."""

    APPROVE = "approve"
    EDIT = "edit"
    REJECT = "reject"
    UNDO = "undo"
    #: Took an entry out of use at once.
    STOP = "stop"
    #: Put it back.
    UNDO_STOP = "undo_stop"


@dataclass(frozen=True)
class Review:
    """One decision of a person."""

    id: ReviewId
    action: ReviewAction
    actor: PersonId
    at: datetime
    #: None where an entry was stopped or put back.
    proposal: ProposalId | None
    #: Hash of what the actor decided on.
    shown: str | None
    #: The version that the decision made; None for edits and rejections.
    result: Target | None
    #: The entry's version before; 0 where there was none.
    previous_version: int | None


def one(session: Session, workspace: WorkspaceId, review: ReviewId) -> Review:
    """A review by its id.

    Raises:
        Unknown: there is no such review.
    """
    row = fetch(session, ReviewRow, workspace=workspace, id=review)
    if row is None:
        raise Unknown("There is no such review in this workspace.")
    return _review(row)


def of_proposal(session: Session, workspace: WorkspaceId, proposal: ProposalId) -> tuple[Review, ...]:
    """Every review of a proposal, oldest first."""
    statement = select(ReviewRow).where(ReviewRow.workspace == workspace, ReviewRow.proposal == proposal)
    return tuple(_review(row) for row in fetch_all(session, statement.order_by(ReviewRow.at, ReviewRow.id)))


def standing_stop(session: Session, workspace: WorkspaceId, stopped: Target) -> Review | None:
    """The review that took an entry out of use, if it made the given version of it."""
    row = fetch(
        session, ReviewRow, workspace=workspace, action=ReviewAction.STOP, entry=stopped.entry, version=stopped.version
    )
    return None if row is None else _review(row)


def undo_of(session: Session, workspace: WorkspaceId, review: ReviewId) -> Review | None:
    """The review that took another one back, if somebody did."""
    row = fetch(session, ReviewRow, workspace=workspace, undoes=review)
    return None if row is None else _review(row)


def keep(
    session: Session,
    workspace: WorkspaceId,
    action: ReviewAction,
    actor: Actor,
    found: Proposal | None,
    applied: Applied | None,
    now: datetime,
    ids: IdSource,
    *,
    undoes: ReviewId | None = None,
) -> Review:
    """Write the review and its audit record."""
    review = Review(
        id=ReviewId(ids()),
        action=action,
        actor=actor.person,
        at=now,
        proposal=None if found is None else found.id,
        shown=None if found is None else shown_hash(found),
        result=None if applied is None else applied.target,
        previous_version=None if applied is None else applied.previous,
    )
    result = review.result
    row = {
        "workspace": workspace,
        "id": review.id,
        "action": action,
        "actor": actor.person,
        "at": now,
        "proposal": review.proposal,
        "shown": review.shown,
        "entry": None if result is None else result.entry,
        "version": None if result is None else result.version,
        "previous_version": review.previous_version,
        "undoes": undoes,
    }
    if not insert_if_absent(session, ReviewRow, row):
        first = fetch(session, ReviewRow, workspace=workspace, undoes=undoes)
        by = None if first is None else PersonId(first.actor)
        raise AlreadyDecided("Somebody else was first: this answer is back in use already.", by=by)
    subject = "entry" if found is None else "proposal"
    about = "" if result is None else result.entry
    audit.append(
        session,
        workspace,
        actor=actor.person,
        action=f"{subject}.{action}",
        subject=about if found is None else found.id,
        detail={
            "review": review.id,
            "shown": review.shown,
            "entry": None if result is None else result.entry,
            "version": None if result is None else result.version,
            "previous_version": review.previous_version,
        },
        now=now,
    )
    return review


def _review(row: ReviewRow) -> Review:
    result = None
    if row.entry is not None and row.version is not None:
        result = Target(EntryId(row.entry), row.version)
    return Review(
        id=ReviewId(row.id),
        action=ReviewAction(row.action),
        actor=PersonId(row.actor),
        at=row.at,
        proposal=None if row.proposal is None else ProposalId(row.proposal),
        shown=row.shown,
        result=result,
        previous_version=row.previous_version,
    )
