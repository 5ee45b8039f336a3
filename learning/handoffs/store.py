"""Reading handoffs, and the one way to change them: an update that names what it expects and leaves a row behind."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from kb.ids import WorkspaceId
from learning.conversations import Place
from learning.errors import Unknown
from learning.handoffs.values import LIVE, Consent, Handoff, HandoffReason, HandoffState, Resolution
from learning.ids import ConversationId, HandoffId, PersonId
from learning.rows import add, compare_and_set, fetch, fetch_all
from learning.tables import HandoffChangeRow, HandoffRow, ResolutionRow


def one(session: Session, workspace: WorkspaceId, handoff: HandoffId) -> Handoff:
    """A handoff by its id.

    Raises:
        Unknown: there is no such handoff.
    """
    row = fetch(session, HandoffRow, **_key(workspace, handoff))
    if row is None:
        raise Unknown("There is no such handoff in this workspace.")
    return _handoff(session, row)


def live_one(session: Session, workspace: WorkspaceId, conversation: ConversationId) -> Handoff | None:
    """The live handoff of a conversation, if there is one."""
    row = fetch(session, HandoffRow, HandoffRow.state.in_(sorted(LIVE)), workspace=workspace, conversation=conversation)
    return None if row is None else _handoff(session, row)


def live_ones(session: Session, workspace: WorkspaceId) -> tuple[Handoff, ...]:
    """All handoffs in which people owe an answer, oldest first."""
    statement = select(HandoffRow).where(HandoffRow.workspace == workspace, HandoffRow.state.in_(sorted(LIVE)))
    rows = fetch_all(session, statement.order_by(HandoffRow.opened_at, HandoffRow.id))
    return tuple(_handoff(session, row) for row in rows)


def settled_along(session: Session, workspace: WorkspaceId, resolution: str) -> tuple[Handoff, ...]:
    """The handoffs that the answer of another one's resolution settled too and that still are, oldest first."""
    along = select(ResolutionRow.id).where(ResolutionRow.workspace == workspace, ResolutionRow.along == resolution)
    statement = select(HandoffRow).where(HandoffRow.workspace == workspace, HandoffRow.resolution.in_(along))
    rows = fetch_all(session, statement.order_by(HandoffRow.opened_at, HandoffRow.id))
    return tuple(_handoff(session, row) for row in rows)


def by_conversation(session: Session, workspace: WorkspaceId, conversation: ConversationId) -> Handoff | None:
    """The handoff of a conversation: the live one, else the one opened last, else None."""
    live = live_one(session, workspace, conversation)
    if live is not None:
        return live
    statement = select(HandoffRow).where(HandoffRow.workspace == workspace, HandoffRow.conversation == conversation)
    rows = fetch_all(session, statement.order_by(HandoffRow.opened_at.desc(), HandoffRow.id.desc()).limit(1))
    return _handoff(session, rows[0]) if rows else None


def by_room(session: Session, workspace: WorkspaceId, room: Place) -> Handoff | None:
    """The handoff whose staff room a place is, if it is one."""
    row = fetch(session, HandoffRow, workspace=workspace, room_channel=room.channel, room_thread=room.thread)
    return None if row is None else _handoff(session, row)


def change(
    session: Session,
    found: Handoff,
    what: str,
    expected: tuple[ColumnElement[bool], ...],
    values: Mapping[str, Any],
    by: PersonId,
    now: datetime,
) -> bool:
    """Change a handoff if it still is as expected, count the revision and leave a row behind."""
    key = _key(found.workspace, found.id)
    counted = {**values, "revision": HandoffRow.revision + 1}
    if not compare_and_set(session, HandoffRow, key, counted, *expected):
        return False
    after = one(session, found.workspace, found.id)
    log(session, found.workspace, found.id, after.revision, what, after.state, by, now)
    return True


def log(
    session: Session,
    workspace: WorkspaceId,
    handoff: HandoffId,
    revision: int,
    what: str,
    state: HandoffState,
    by: PersonId,
    now: datetime,
) -> None:
    """Leave the row that tells of one change."""
    row = {
        "workspace": workspace,
        "handoff": handoff,
        "revision": revision,
        "what": what,
        "state": state,
        "by": by,
        "at": now,
    }
    add(session, HandoffChangeRow, row)


def _handoff(session: Session, row: HandoffRow) -> Handoff:
    resolution = None
    if row.resolution is not None:
        settled = fetch(session, ResolutionRow, workspace=row.workspace, id=row.resolution)
        if settled is not None:
            resolution = Resolution(settled.id, PersonId(settled.by), settled.at, settled.learn, settled.along)
    room = None
    if row.room_channel is not None and row.room_thread is not None:
        room = Place(row.room_channel, row.room_thread)
    return Handoff(
        workspace=WorkspaceId(row.workspace),
        id=HandoffId(row.id),
        conversation=ConversationId(row.conversation),
        asker=PersonId(row.asker),
        question=(row.question_channel, row.question_ts),
        reason=HandoffReason(row.reason),
        state=HandoffState(row.state),
        claimed_by=None if row.claimed_by is None else PersonId(row.claimed_by),
        claimed_at=row.claimed_at,
        room=room,
        relay=row.relay,
        consent=Consent(row.consent),
        offered_resolve_at=row.offered_resolve_at,
        resolution=resolution,
        solved=row.solved,
        revision=row.revision,
        opened_at=row.opened_at,
        last_move=row.last_move,
        moved_by=PersonId(row.moved_by),
    )


def _key(workspace: WorkspaceId, handoff: HandoffId) -> dict[str, Any]:
    return {"workspace": workspace, "id": handoff}
