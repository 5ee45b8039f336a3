"""Early arrivals: replies and deletions that come before the message they belong to, because events may be reordered.

Only ids are kept, and only for as long as Slack may still deliver what they wait for. Whoever opens a conversation
looks here for its replies, and asks Slack for their text then.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.tables import EarlyRow
from kb.ids import WorkspaceId
from learning.rows import insert_if_absent

#: Slack tries an event for the last time about six minutes after the first.
KEPT = timedelta(minutes=15)


class _Kind(StrEnum):
    REPLY = "reply"
    DELETION = "deletion"


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
