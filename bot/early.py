"""Early arrivals: replies, deletions, thumbs and marks that come before the message they belong to.

Events may be reordered, and a thumb may be quicker than the note of which answer a message is. Only ids are kept, and
only for as long as Slack may still deliver what they wait for. Whoever opens a conversation looks here for its replies,
and asks Slack for their text then; whoever notes an answer's message looks here for its thumbs.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from bot.tables import EarlyRow, EarlyThumbRow
from kb.ids import WorkspaceId
from learning.feedback import Rating
from learning.ids import PersonId
from learning.rows import insert_if_absent, set_all

#: Slack tries an event for the last time about six minutes after the first.
KEPT = timedelta(minutes=15)
#: What a mark is called where thumbs have their rating.
_MARK = "done"


class _Kind(StrEnum):
    REPLY = "reply"
    DELETION = "deletion"


@dataclass(frozen=True)
class Thumb:
    """A thumb that was put on a message, or taken off."""

    channel: str
    #: The message that carries it.
    ts: str
    person: PersonId
    rating: Rating
    #: False where it was taken off.
    added: bool
    #: When, by Slack's clock.
    at: datetime


def note_reply(session: Session, workspace: WorkspaceId, channel: str, thread: str, ts: str, now: datetime) -> None:
    """A reply stands in a thread that is not known (yet)."""
    _note(session, workspace, channel, ts, _Kind.REPLY, thread, now)


def note_deletion(session: Session, workspace: WorkspaceId, channel: str, ts: str, now: datetime) -> None:
    """A message that is not known (yet) was deleted."""
    _note(session, workspace, channel, ts, _Kind.DELETION, "", now)


def was_deleted(session: Session, workspace: WorkspaceId, channel: str, ts: str) -> bool:
    """Whether a message that arrives now was deleted before it arrived."""
    return session.get(EarlyRow, (workspace, channel, ts, _Kind.DELETION)) is not None


def replies(session: Session, workspace: WorkspaceId, channel: str, thread: str, *, after: str) -> tuple[str, ...]:
    """The ts of replies that arrived before their thread was known and were written after `after`, oldest first."""
    statement = select(EarlyRow.ts).where(
        EarlyRow.workspace == workspace,
        EarlyRow.channel == channel,
        EarlyRow.thread == thread,
        EarlyRow.kind == _Kind.REPLY,
        EarlyRow.ts > after,
    )
    return tuple(session.scalars(statement.order_by(EarlyRow.ts)))


def forget(session: Session, workspace: WorkspaceId, channel: str, thread: str) -> None:
    """The replies of a thread have been taken up."""
    session.execute(
        delete(EarlyRow).where(EarlyRow.workspace == workspace, EarlyRow.channel == channel, EarlyRow.thread == thread)
    )


def note_thumb(session: Session, workspace: WorkspaceId, thumb: Thumb, now: datetime) -> None:
    """A thumb was put on a message that is not known to be an answer (yet), or taken off; the last word holds."""
    old = EarlyThumbRow.seen_at < now - KEPT
    session.execute(delete(EarlyThumbRow).where(EarlyThumbRow.workspace == workspace, old))
    key = {
        "workspace": workspace,
        "channel": thumb.channel,
        "ts": thumb.ts,
        "person": thumb.person,
        "rating": thumb.rating,
    }
    values = {"added": thumb.added, "at": thumb.at, "seen_at": now}
    if not insert_if_absent(session, EarlyThumbRow, {**key, **values}):
        set_all(session, EarlyThumbRow, (*_thumb(workspace, thumb), EarlyThumbRow.at < thumb.at), values)


def thumbs(session: Session, workspace: WorkspaceId, channel: str, ts: str) -> tuple[Thumb, ...]:
    """The thumbs that came before a message was known, in the order in which they were given."""
    on_it = (EarlyThumbRow.workspace == workspace, EarlyThumbRow.channel == channel, EarlyThumbRow.ts == ts)
    thumbs_only = EarlyThumbRow.rating != _MARK
    rows = session.scalars(select(EarlyThumbRow).where(*on_it, thumbs_only).order_by(EarlyThumbRow.at))
    return tuple(
        Thumb(row.channel, row.ts, PersonId(row.person), Rating(row.rating), row.added, row.at) for row in rows
    )


def forget_thumb(session: Session, workspace: WorkspaceId, thumb: Thumb) -> None:
    """A thumb has been counted."""
    session.execute(delete(EarlyThumbRow).where(*_thumb(workspace, thumb), EarlyThumbRow.at == thumb.at))


def note_mark(
    session: Session, workspace: WorkspaceId, channel: str, ts: str, person: PersonId, at: datetime, now: datetime
) -> None:
    """A ✅ was put on a message that is not known (yet)."""
    old = EarlyThumbRow.seen_at < now - KEPT
    session.execute(delete(EarlyThumbRow).where(EarlyThumbRow.workspace == workspace, old))
    key = {"workspace": workspace, "channel": channel, "ts": ts, "person": person, "rating": _MARK}
    insert_if_absent(session, EarlyThumbRow, {**key, "added": True, "at": at, "seen_at": now})


def marks(session: Session, workspace: WorkspaceId, channel: str, ts: str) -> tuple[PersonId, ...]:
    """Who put a ✅ on a message before it was known, in the order in which they did."""
    rows = session.scalars(select(EarlyThumbRow).where(*_marks(workspace, channel, ts)).order_by(EarlyThumbRow.at))
    return tuple(PersonId(row.person) for row in rows)


def forget_marks(session: Session, workspace: WorkspaceId, channel: str, ts: str) -> None:
    """The marks on a message have been counted."""
    session.execute(delete(EarlyThumbRow).where(*_marks(workspace, channel, ts)))


def _marks(workspace: WorkspaceId, channel: str, ts: str) -> tuple[ColumnElement[bool], ...]:
    return (
        EarlyThumbRow.workspace == workspace,
        EarlyThumbRow.channel == channel,
        EarlyThumbRow.ts == ts,
        EarlyThumbRow.rating == _MARK,
    )


def _thumb(workspace: WorkspaceId, thumb: Thumb) -> tuple[ColumnElement[bool], ...]:
    return (
        EarlyThumbRow.workspace == workspace,
        EarlyThumbRow.channel == thumb.channel,
        EarlyThumbRow.ts == thumb.ts,
        EarlyThumbRow.person == thumb.person,
        EarlyThumbRow.rating == thumb.rating,
    )


def _note(
    session: Session, workspace: WorkspaceId, channel: str, ts: str, kind: _Kind, thread: str, now: datetime
) -> None:
    session.execute(delete(EarlyRow).where(EarlyRow.workspace == workspace, EarlyRow.seen_at < now - KEPT))
    row = {
        "workspace": workspace,
        "channel": channel,
        "ts": ts,
        "kind": kind,
        "thread": thread,
        "seen_at": now,
    }
    insert_if_absent(session, EarlyRow, row)
