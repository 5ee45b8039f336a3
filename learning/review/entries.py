"""Taking an entry out of use at once, and putting it back: staff may, because a wrong answer does not wait."""

from datetime import datetime

from sqlalchemy.orm import Session

from kb.entries import Entry, EntryStatus
from kb.errors import StaleVersion, UnknownEntry
from kb.ids import EntryId, IdSource, WorkspaceId
from learning.errors import AlreadyDecided, NotAllowed, Stale, Unknown, WrongState
from learning.ids import PersonId, ReviewId
from learning.people import Actor
from learning.proposals import Target
from learning.review.changes import Applied, KnowledgeChanges
from learning.review.record import Review, ReviewAction, keep, one
from learning.rows import fetch
from learning.tables import ReviewRow


def stop_entry(
    session: Session,
    workspace: WorkspaceId,
    entry: EntryId,
    actor: Actor,
    *,
    knowledge: KnowledgeChanges,
    now: datetime,
    ids: IdSource,
) -> Review:
    """Take an entry out of use at once.

    Raises:
        NotAllowed: neither staff nor an admin.
        AlreadyDecided: it is out of use already; `by` says who did it, where a person did.
        Unknown: there is no such entry.
    """
    if not actor.is_staff:
        raise NotAllowed("Only support staff and admins can take an answer out of use.")
    current = _current(session, workspace, knowledge, entry)
    try:
        if current.status is EntryStatus.LIVE:
            stopped = knowledge.stop(session, workspace, entry, by=actor.person, expected_version=current.version)
            applied = Applied(Target(entry, stopped.version), current.version)
            return keep(session, workspace, ReviewAction.STOP, actor, None, applied, now, ids)
    except StaleVersion as moved:
        current = _current(session, workspace, knowledge, entry)
        if current.status is EntryStatus.LIVE:
            raise Stale("The entry changed at this very moment; look at it again.") from moved
    by = PersonId(current.created_by)
    raise AlreadyDecided("This answer is out of use already.", by=by, state=current.status)


def undo_stop(
    session: Session,
    workspace: WorkspaceId,
    stop: ReviewId,
    actor: Actor,
    *,
    knowledge: KnowledgeChanges,
    now: datetime,
    ids: IdSource,
) -> Review:
    """Put an entry back that was taken out of use.

    Args:
        stop: the review that took it out.

    Raises:
        NotAllowed: neither staff nor an admin.
        AlreadyDecided: somebody put it back first.
        Stale: the entry was changed since.
        Unknown: there is no such review.
    """
    if not actor.is_staff:
        raise NotAllowed("Only support staff and admins can put an answer back.")
    taken = one(session, workspace, stop)
    if taken.action is not ReviewAction.STOP or taken.result is None or taken.previous_version is None:
        raise WrongState("This was not a stop, so it cannot be taken back this way.")
    current = _current(session, workspace, knowledge, taken.result.entry)
    undone = fetch(session, ReviewRow, workspace=workspace, undoes=stop)
    if undone is not None:
        raise AlreadyDecided("This answer is back in use already.", by=PersonId(undone.actor), state=current.status)
    if current.version != taken.result.version:
        raise Stale("The entry has been changed since it was taken out of use; look at it again.")
    # Of two at once the second finds the first's review when it writes its own, and must leave no version behind.
    with session.begin_nested():
        restored = knowledge.restore(session, workspace, current.id, to_version=taken.previous_version, by=actor.person)
        applied = Applied(Target(current.id, restored.version), current.version)
        return keep(session, workspace, ReviewAction.UNDO_STOP, actor, None, applied, now, ids, undoes=stop)


def _current(session: Session, workspace: WorkspaceId, knowledge: KnowledgeChanges, entry: EntryId) -> Entry:
    try:
        return knowledge.get(session, workspace, entry)
    except UnknownEntry as unknown:
        raise Unknown("There is no such entry in this workspace.") from unknown
