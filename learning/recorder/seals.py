"""The chain over the records of a workspace: what was recorded cannot be changed, removed or reordered unnoticed.

Always: records are written without waiting for one another and get their place in the chain afterwards, one by one, in
the order of their ids; the chain runs over digests, which cover ciphertext, so that erasing a person leaves it whole.
A chain that was cut at its end still verifies unless its head is also kept elsewhere (the idea of RFC 6962).
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import cast

from sqlalchemy import ColumnElement, Table, exists, func, insert, select
from sqlalchemy.orm import Session

from kb.ids import WorkspaceId
from learning.audit import GENESIS, canonical
from learning.errors import Unknown
from learning.ids import DecisionId
from learning.recorder.digest import digest
from learning.recorder.store import evidence_of, row_values
from learning.rows import compare_and_set, fetch, fetch_all, insert_if_absent
from learning.tables import DecisionPostRow, DecisionRow, RecordHeadRow, RecordSealRow

#: Records that are read, or sealed, at a time.
BATCH = 500
#: How far back before the newest seal records are looked for that were committed late. Older ones are found too, by a
#: look at everything.
LATE = timedelta(days=1)


@dataclass(frozen=True)
class Head:
    """The end of a chain; kept elsewhere, it proves that nothing was cut off."""

    #: 0 for an empty chain.
    seq: int
    hash: str


class Damage(StrEnum):
    """What can be wrong with a record."""

    CHANGED = "changed"
    MISSING = "missing"
    #: It does not stand where it was sealed.
    REORDERED = "reordered"


@dataclass(frozen=True)
class Fault:
    """The first record that is not as it was written."""

    damage: Damage
    #: None where not even its id is left.
    decision: DecisionId | None
    #: Its place in the chain; None for one that waits to be sealed.
    seq: int | None


@dataclass(frozen=True)
class Verified:
    """What a look at every record found."""

    sealed: int
    #: Records that wait to be sealed.
    waiting: int
    head: Head
    #: None where all is well.
    fault: Fault | None


def seal(
    session: Session, workspace: WorkspaceId, *, now: datetime, everything: bool = False, limit: int = BATCH
) -> int:
    """Give the next records that wait their places in the chain; how many there were.

    Two who seal at once take turns: the second waits at the head's row until the first's transaction ends.

    Args:
        everything: look at all records, not only at those of the last day.
        limit: how many at most.
    """
    insert_if_absent(session, RecordHeadRow, {"workspace": workspace, "seq": 0, "hash": GENESIS})
    at_head = fetch(session, RecordHeadRow, workspace=workspace, lock=True)
    if at_head is None:
        raise Unknown("The head of the records is gone; restore the database before going on.")
    seq, previous = at_head.seq, at_head.hash
    since = None if everything else _newest_sealed(session, workspace, seq)
    seals = []
    for decision, written in _waiting(session, workspace, since=since, limit=limit):
        seq += 1
        linked = _link(workspace, seq, decision, written, previous)
        seals.append(
            {
                "workspace": workspace,
                "seq": seq,
                "decision": decision,
                "digest": written,
                "previous": previous,
                "hash": linked,
                "at": now,
            }
        )
        previous = linked
    if seals:
        session.execute(insert(cast(Table, RecordSealRow.__table__)), seals)
        compare_and_set(session, RecordHeadRow, {"workspace": workspace}, {"seq": seq, "hash": previous})
    return len(seals)


def head(session: Session, workspace: WorkspaceId) -> Head:
    """The end of the chain as it is now."""
    row = fetch(session, RecordHeadRow, workspace=workspace)
    return Head(0, GENESIS) if row is None else Head(row.seq, row.hash)


def verify(
    session: Session,
    workspace: WorkspaceId,
    *,
    kept: Head | None = None,
    report: Callable[[int, int], None] | None = None,
) -> Verified:
    """Recompute the whole chain, and look at every record that waits for its place in it.

    Args:
        kept: a head that was kept outside of this database; the chain must still run through it.
        report: told how many records are done, and of how many.
    """
    # In this order: what is sealed meanwhile lies behind the head, never before it.
    last = session.scalar(select(func.max(RecordSealRow.seq)).where(RecordSealRow.workspace == workspace)) or 0
    end = head(session, workspace)
    waiting = _count_waiting(session, workspace)
    total, done = end.seq + waiting, 0
    expected, previous = 1, GENESIS
    for seals in _seal_batches(session, workspace, end.seq):
        written = _digests(session, workspace, [one.decision for one in seals])
        for one in seals:
            fault = _judge(one, expected, previous, written.get(one.decision), kept)
            if fault is not None:
                return Verified(end.seq, waiting, end, fault)
            expected, previous = expected + 1, one.hash
        done += len(seals)
        if report is not None:
            report(done, total)
    fault = (
        _cut_off(end, expected, previous, kept)
        or (Fault(Damage.REORDERED, None, end.seq + 1) if last > end.seq else None)
        or _in_waiting(session, workspace)
        or _unheard_of(session, workspace)
    )
    if report is not None:
        report(total, total)
    return Verified(end.seq, waiting, end, fault)


def _judge(one: RecordSealRow, expected: int, previous: str, written: str | None, kept: Head | None) -> Fault | None:
    """Whether a seal stands where it belongs, and its record is what was sealed."""
    decision = DecisionId(one.decision)
    if one.seq != expected:
        return Fault(Damage.MISSING, None, expected)
    linked = _link(WorkspaceId(one.workspace), one.seq, one.decision, one.digest, previous)
    if one.previous != previous or one.hash != linked:
        return Fault(Damage.REORDERED, decision, expected)
    if written is None:
        return Fault(Damage.MISSING, decision, expected)
    if written != one.digest:
        return Fault(Damage.CHANGED, decision, expected)
    if kept is not None and kept.seq == one.seq and kept.hash != one.hash:
        return Fault(Damage.CHANGED, decision, expected)
    return None


def _cut_off(end: Head, expected: int, previous: str, kept: Head | None) -> Fault | None:
    """Whether the chain ends before its head, or before one that was kept elsewhere."""
    whole = end.seq == expected - 1 and end.hash == previous and (kept is None or kept.seq < expected)
    return None if whole else Fault(Damage.MISSING, None, expected)


def _in_waiting(session: Session, workspace: WorkspaceId) -> Fault | None:
    """The first record that was changed before it was sealed."""
    after = ""
    while batch := _waiting(session, workspace, after=after, limit=BATCH):
        written = _digests(session, workspace, [decision for decision, _ in batch])
        for decision, told in batch:
            if written.get(decision) != told:
                return Fault(Damage.CHANGED, DecisionId(decision), None)
        after = batch[-1][0]
    return None


def _unheard_of(session: Session, workspace: WorkspaceId) -> Fault | None:
    """The first decision that was posted and of which there is no record, although it was never sealed."""
    there = exists().where(
        DecisionRow.workspace == DecisionPostRow.workspace, DecisionRow.id == DecisionPostRow.decision
    )
    posted = select(func.min(DecisionPostRow.decision)).where(DecisionPostRow.workspace == workspace, ~there)
    gone = session.scalar(posted)
    return None if gone is None else Fault(Damage.MISSING, DecisionId(gone), None)


def _seal_batches(session: Session, workspace: WorkspaceId, last: int) -> Iterator[Sequence[RecordSealRow]]:
    after = 0
    while True:
        statement = select(RecordSealRow).where(
            RecordSealRow.workspace == workspace, RecordSealRow.seq > after, RecordSealRow.seq <= last
        )
        batch = fetch_all(session, statement.order_by(RecordSealRow.seq).limit(BATCH))
        if not batch:
            return
        yield batch
        after = batch[-1].seq


def _digests(session: Session, workspace: WorkspaceId, decisions: Sequence[str]) -> dict[str, str]:
    """The digests of records as they stand now; the same as in the row where nothing was changed."""
    statement = select(DecisionRow).where(DecisionRow.workspace == workspace, DecisionRow.id.in_(decisions))
    rows = [row_values(row) for row in fetch_all(session, statement)]
    evidence = evidence_of(session, workspace, decisions)
    return {row["id"]: digest(row, evidence.get(row["id"], [])) for row in rows}


def _waiting(
    session: Session, workspace: WorkspaceId, *, since: datetime | None = None, after: str = "", limit: int
) -> list[tuple[str, str]]:
    """Id and digest of the records that have no seal, in the order in which they get one."""
    statement = select(DecisionRow.id, DecisionRow.digest).where(*_unsealed(workspace), DecisionRow.id > after)
    if since is not None:
        statement = statement.where(DecisionRow.at >= since)
    found = session.execute(statement.order_by(DecisionRow.id).limit(limit))
    return [(row.id, row.digest) for row in found]


def _count_waiting(session: Session, workspace: WorkspaceId) -> int:
    return session.scalar(select(func.count()).select_from(DecisionRow).where(*_unsealed(workspace))) or 0


def _unsealed(workspace: WorkspaceId) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    sealed = exists().where(RecordSealRow.workspace == DecisionRow.workspace, RecordSealRow.decision == DecisionRow.id)
    return DecisionRow.workspace == workspace, ~sealed


def _newest_sealed(session: Session, workspace: WorkspaceId, seq: int) -> datetime | None:
    """From when on records are looked for; None where nothing is sealed yet."""
    last = select(DecisionRow.at).join(
        RecordSealRow,
        (RecordSealRow.workspace == DecisionRow.workspace) & (RecordSealRow.decision == DecisionRow.id),
    )
    at = session.scalar(last.where(RecordSealRow.workspace == workspace, RecordSealRow.seq == seq))
    return None if at is None else at - LATE


def _link(workspace: WorkspaceId, seq: int, decision: str, written: str, previous: str) -> str:
    told = {"workspace": workspace, "seq": seq, "decision": decision, "digest": written, "previous": previous}
    return hashlib.sha256(canonical(told)).hexdigest()
