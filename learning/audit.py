"""The audit trail: append-only, one chain per workspace, each record carrying the hash of the one before.

Always: sequence numbers have no gap; a record's hash covers every field of it and the hash before it. Details are ids,
numbers and fixed words, never what people wrote. A chain that was cut at its end still verifies unless its head is
also kept elsewhere: `verify` takes such a kept head (the idea of RFC 6962).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.ids import WorkspaceId
from learning.errors import Unknown
from learning.rows import add, compare_and_set, fetch, fetch_all, insert_if_absent
from learning.tables import AuditHeadRow, AuditRow

#: What stands before the first record.
GENESIS = "0" * 64

#: What a detail may hold.
Detail = str | int | bool | None


@dataclass(frozen=True)
class AuditRecord:
    """One thing that somebody did."""

    workspace: WorkspaceId
    #: Counts from 1.
    seq: int
    at: datetime
    #: Opaque id of who did it.
    actor: str
    #: What was done, such as `proposal.approve`.
    action: str
    #: Opaque id of what it was done to.
    subject: str
    detail: Mapping[str, Detail]
    #: Hash of the record before, `GENESIS` for the first.
    previous: str
    hash: str


@dataclass(frozen=True)
class AuditHead:
    """The end of a chain; kept elsewhere, it proves that nothing was cut off."""

    #: 0 for an empty chain.
    seq: int
    hash: str


def append(
    session: Session,
    workspace: WorkspaceId,
    *,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, Detail] | None = None,
    now: datetime,
) -> AuditRecord:
    """Add a record to the workspace's chain; it commits or vanishes with what it tells of.

    Two who append at once take turns: the second waits at the head's row until the first's transaction ends.
    """
    insert_if_absent(session, AuditHeadRow, {"workspace": workspace, "seq": 0, "hash": GENESIS})
    at_head = fetch(session, AuditHeadRow, workspace=workspace, lock=True)
    if at_head is None:
        raise Unknown("The audit trail's head is gone; restore the database before going on.")
    seq, previous = at_head.seq + 1, at_head.hash
    kept = dict(detail or {})
    digest = _digest(workspace, seq, now, actor, action, subject, kept, previous)
    values = {
        "workspace": workspace,
        "seq": seq,
        "at": now,
        "actor": actor,
        "action": action,
        "subject": subject,
        "detail": kept,
        "previous": previous,
        "hash": digest,
    }
    add(session, AuditRow, values)
    compare_and_set(session, AuditHeadRow, {"workspace": workspace}, {"seq": seq, "hash": digest})
    return AuditRecord(workspace, seq, now, actor, action, subject, kept, previous, digest)


def records(session: Session, workspace: WorkspaceId, *, after: int = 0, limit: int = 1000) -> tuple[AuditRecord, ...]:
    """The records after a sequence number, in order."""
    statement = select(AuditRow).where(AuditRow.workspace == workspace, AuditRow.seq > after)
    return tuple(_record(row) for row in fetch_all(session, statement.order_by(AuditRow.seq).limit(limit)))


def head(session: Session, workspace: WorkspaceId) -> AuditHead:
    """The end of the chain as it is now."""
    row = fetch(session, AuditHeadRow, workspace=workspace)
    return AuditHead(0, GENESIS) if row is None else AuditHead(row.seq, row.hash)


def verify(session: Session, workspace: WorkspaceId, *, kept: AuditHead | None = None) -> int | None:
    """Recompute the whole chain.

    Args:
        kept: a head that was kept outside of this database; the chain must still run through it.

    Returns:
        The sequence number of the first record that is missing or is not what was written; None if all is well.
    """
    expected, previous = 1, GENESIS
    while batch := records(session, workspace, after=expected - 1):
        for record in batch:
            digest = _digest(
                workspace,
                record.seq,
                record.at,
                record.actor,
                record.action,
                record.subject,
                record.detail,
                previous,
            )
            if record.seq != expected or record.previous != previous or record.hash != digest:
                return expected
            if kept is not None and kept.seq == record.seq and kept.hash != record.hash:
                return expected
            expected, previous = expected + 1, record.hash
    end = head(session, workspace)
    whole = end.seq == expected - 1 and end.hash == previous and (kept is None or kept.seq < expected)
    return None if whole else expected


def _digest(
    workspace: WorkspaceId,
    seq: int,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, Detail],
    previous: str,
) -> str:
    """sha256 over the canonical JSON (sorted keys, no spaces, UTC to the microsecond) of a record."""
    told = {
        "workspace": workspace,
        "seq": seq,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": actor,
        "action": action,
        "subject": subject,
        "detail": dict(detail),
        "previous": previous,
    }
    return hashlib.sha256(canonical(told)).hexdigest()


def canonical(value: object) -> bytes:
    """The one JSON form of a value: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _record(row: AuditRow) -> AuditRecord:
    return AuditRecord(
        workspace=WorkspaceId(row.workspace),
        seq=row.seq,
        at=row.at,
        actor=row.actor,
        action=row.action,
        subject=row.subject,
        detail=row.detail,
        previous=row.previous,
        hash=row.hash,
    )
