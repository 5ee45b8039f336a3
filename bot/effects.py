"""Effects: what the bot does to the outside world, one row each, written before the call.

The row's key is stable, so a workflow that runs again finds what its first run did. What is left is the window in
which Slack has taken a call whose answer never arrived: then an earlier call was begun, and `bot.slack.delivery` looks
for the message by the key in its metadata before it posts again.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.tables import EffectRow
from kb.ids import WorkspaceId


class EffectState(StrEnum):
    """How far an effect has come."""

    BEGUN = "begun"
    DONE = "done"


@dataclass(frozen=True)
class Effect:
    """One outward effect."""

    key: str
    kind: str
    state: EffectState
    #: Calls begun so far, this one included.
    attempts: int
    channel: str
    #: Slack's id of the message; None until known.
    ts: str | None
    #: When it was first begun; its message cannot be older.
    begun_at: datetime
    #: When the newest call was begun.
    tried_at: datetime
    #: When a call was begun before this one that may have got through; None where there was none.
    tried_before: datetime | None = None


def begin(
    session: Session, workspace: WorkspaceId, key: str, kind: str, channel: str, now: datetime, *, anew: bool = False
) -> Effect:
    """Note that the effect is about to be tried; a finished one comes back as it is.

    Args:
        anew: whether one that Slack refused for good is tried once more.
    """
    row = session.get(EffectRow, (workspace, key))
    if row is None:
        row = EffectRow(
            workspace=workspace,
            key=key,
            kind=kind,
            state=EffectState.BEGUN,
            attempts=0,
            channel=channel,
            begun_at=now,
            tried_at=now,
        )
        session.add(row)
    elif anew and row.state == EffectState.DONE and row.ts is None:
        row.state, row.channel = EffectState.BEGUN, channel
    before = row.tried_at if row.attempts else None
    if row.state != EffectState.DONE:
        row.attempts += 1
        row.tried_at = now
    session.flush()
    return replace(_value(row), tried_before=before)


def refused(session: Session, workspace: WorkspaceId, key: str) -> None:
    """Slack said no to the newest call, so that nothing of it can have got through."""
    row = _row(session, workspace, key)
    row.attempts = max(0, row.attempts - 1)


def note_ts(session: Session, workspace: WorkspaceId, key: str, ts: str) -> None:
    """Keep the message's ts before the effect is finished, as a stream must."""
    _row(session, workspace, key).ts = ts


def finish(session: Session, workspace: WorkspaceId, key: str, now: datetime, ts: str | None = None) -> None:
    """The effect has happened."""
    row = _row(session, workspace, key)
    row.state, row.done_at = EffectState.DONE, now
    if ts is not None:
        row.ts = ts


def find(session: Session, workspace: WorkspaceId, key: str) -> Effect | None:
    """The effect with this key, if it was ever begun."""
    row = session.get(EffectRow, (workspace, key))
    return None if row is None else _value(row)


def find_all(session: Session, workspace: WorkspaceId, prefix: str) -> tuple[Effect, ...]:
    """All finished effects whose key begins with `prefix`, oldest first."""
    rows = session.scalars(
        select(EffectRow)
        .where(EffectRow.workspace == workspace, EffectRow.key.startswith(prefix, autoescape=True))
        .where(EffectRow.state == EffectState.DONE)
        .order_by(EffectRow.begun_at, EffectRow.key)
    )
    return tuple(_value(row) for row in rows)


def posted_at(session: Session, workspace: WorkspaceId, channel: str, ts: str) -> Effect | None:
    """The effect that made this message, if the bot did."""
    row = session.scalars(
        select(EffectRow).where(EffectRow.workspace == workspace, EffectRow.channel == channel, EffectRow.ts == ts)
    ).first()
    return None if row is None else _value(row)


def _row(session: Session, workspace: WorkspaceId, key: str) -> EffectRow:
    return session.get_one(EffectRow, (workspace, key))


def _value(row: EffectRow) -> Effect:
    return Effect(
        key=row.key,
        kind=row.kind,
        state=EffectState(row.state),
        attempts=row.attempts,
        channel=row.channel,
        ts=row.ts,
        begun_at=row.begun_at,
        tried_at=row.tried_at,
    )
