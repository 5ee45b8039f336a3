"""Which collections of the vector index there are, how far each has followed, and who may write to it.

Functions work in the caller's transaction and never commit. A collection belongs to one workspace and one embedding
model; a rebuild makes the next generation beside the serving one. One writer at a time holds the claim to a collection;
a claim runs out, so that a writer that died is replaced.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256

from sqlalchemy import ColumnElement, Select, bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

from kb.database import insert_missing, rows_of
from kb.ids import EntryId, WorkspaceId
from kb.points import Point
from kb.tables import CollectionRow, IndexOpRow, KbVersionRow, PointRow

#: How long a writer may be silent before another takes over.
CLAIM = timedelta(seconds=60)
_CHUNK = 500


@dataclass(frozen=True)
class Collection:
    """A collection of the vector index."""

    workspace: WorkspaceId
    name: str
    #: Identity of the embedding model, and how many numbers its vectors have.
    model: str
    dimension: int
    generation: int
    #: Every change up to this version of the knowledge base is in it.
    applied: int
    #: Whether it has ever held everything.
    ready: bool


@dataclass(frozen=True)
class Operation:
    """A change that a collection has to follow."""

    #: The knowledge base's version that the change made.
    seq: int
    entry: EntryId


def all_of(session: Session, workspace: WorkspaceId, model: str | None = None) -> tuple[Collection, ...]:
    """The collections of a workspace, of one model or of all, newest generation first."""
    rows = rows_of(session, _of(one_model=model is not None), {"workspace": workspace, "model": model})
    return tuple(
        Collection(WorkspaceId(workspace), name, model, dimension, generation, applied, ready is not None)
        for workspace, name, model, dimension, generation, applied, ready in rows
    )


@cache
def _of(*, one_model: bool) -> Select[str, str, str, int, int, int, datetime | None]:
    """The collections of :workspace, or only those of :model; built once, because it runs at every search."""
    query = select(
        CollectionRow.workspace,
        CollectionRow.name,
        CollectionRow.model,
        CollectionRow.dimension,
        CollectionRow.generation,
        CollectionRow.applied_seq,
        CollectionRow.ready_at,
    ).where(CollectionRow.workspace == bindparam("workspace"))
    if one_model:
        query = query.where(CollectionRow.model == bindparam("model"))
    return query.order_by(CollectionRow.generation.desc(), CollectionRow.name)


def serving(session: Session, workspace: WorkspaceId, model: str) -> Collection | None:
    """The collection that searches use: the newest complete one, or the first one while it is being built."""
    found = all_of(session, workspace, model)
    return next((each for each in found if each.ready), found[-1] if found else None)


def make(session: Session, workspace: WorkspaceId, model: str, dimension: int, generation: int) -> None:
    """Note a collection that follows nothing yet; harmless where it is noted already."""
    row = {
        "workspace": workspace,
        "name": collection_name(workspace, model, dimension, generation),
        "model": model,
        "dimension": dimension,
        "generation": generation,
        "applied_seq": 0,
    }
    insert_missing(session, CollectionRow, [row])


def collection_name(workspace: WorkspaceId, model: str, dimension: int, generation: int) -> str:
    """The name in the index: workspaces by hash, because ids may hold what Chroma does not allow."""
    tenant = sha256(workspace.encode()).hexdigest()[:16]
    readable = re.sub(r"[^A-Za-z0-9.]+", "-", model).strip("-.")[:80]
    return f"kb-{tenant}-{readable}-{dimension}-g{generation}"


def claim(session: Session, collection: Collection, by: str, now: datetime, *, steal: bool) -> bool:
    """Take or renew the right to write to a collection; whether that worked.

    Args:
        by: the writer, by an id of its own.
        steal: take it even from a writer whose claim still holds, where nobody else can be alive.
    """
    row = _row(collection)
    free = or_(CollectionRow.claimed_by.is_(None), CollectionRow.claimed_by == by, CollectionRow.claimed_until < now)
    taken = session.execute(
        update(CollectionRow)
        .where(*row, *(() if steal else (free,)))
        .values(claimed_by=by, claimed_until=now + CLAIM)
        .returning(CollectionRow.name)
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


def release(session: Session, collection: Collection, by: str) -> None:
    """Give the right to write back."""
    session.execute(
        update(CollectionRow)
        .where(*_row(collection), CollectionRow.claimed_by == by)
        .values(claimed_by=None, claimed_until=None)
        .execution_options(synchronize_session=False)
    )


def advance(session: Session, collection: Collection, by: str, upto: int, now: datetime) -> bool:
    """Say that all changes up to `upto` are in the collection; whether the writer still had the claim."""
    done = session.execute(
        update(CollectionRow)
        .where(*_row(collection), CollectionRow.claimed_by == by)
        .values(applied_seq=upto)
        .returning(CollectionRow.name)
        .execution_options(synchronize_session=False)
    ).first()
    newest = session.scalar(select(KbVersionRow.version).where(KbVersionRow.workspace == collection.workspace)) or 0
    if done is not None and upto >= newest:
        mark_ready(session, collection, now)
    return done is not None


def mark_ready(session: Session, collection: Collection, now: datetime) -> None:
    """Say that a collection holds everything, so that searches may use it; the first time counts."""
    session.execute(
        update(CollectionRow)
        .where(*_row(collection), CollectionRow.ready_at.is_(None))
        .values(ready_at=now)
        .execution_options(synchronize_session=False)
    )


def start_again(session: Session, collection: Collection) -> None:
    """Say that nothing is in a collection any more."""
    key = (PointRow.workspace == collection.workspace, PointRow.collection == collection.name)
    session.execute(delete(PointRow).where(*key).execution_options(synchronize_session=False))
    again = update(CollectionRow).where(*_row(collection)).values(applied_seq=0)
    session.execute(again.execution_options(synchronize_session=False))


def pending(session: Session, collection: Collection, most: int) -> tuple[Operation, ...]:
    """The next changes that the collection has to follow, in order."""
    rows = session.execute(
        select(IndexOpRow.seq, IndexOpRow.entry_id)
        .join(
            CollectionRow,
            (CollectionRow.workspace == IndexOpRow.workspace) & (IndexOpRow.seq > CollectionRow.applied_seq),
        )
        .where(*_row(collection))
        .order_by(IndexOpRow.seq)
        .limit(most)
    )
    return tuple(Operation(seq, EntryId(entry)) for seq, entry in rows)


def behind(session: Session, model: str) -> tuple[WorkspaceId, ...]:
    """The workspaces whose serving collection of this model lacks a change, or which have none."""
    followed = (
        select(CollectionRow.applied_seq)
        .where(
            CollectionRow.workspace == KbVersionRow.workspace,
            CollectionRow.model == model,
            CollectionRow.applied_seq >= KbVersionRow.version,
        )
        .exists()
    )
    found = session.scalars(select(KbVersionRow.workspace).where(~followed).order_by(KbVersionRow.workspace))
    return tuple(WorkspaceId(workspace) for workspace in found)


def points(session: Session, collection: Collection, entries: Sequence[EntryId] | None = None) -> dict[str, str]:
    """The points that are, or are about to be, in the collection, with their texts' hashes; all or of some entries."""
    query = select(PointRow.point, PointRow.text_hash).where(
        PointRow.workspace == collection.workspace, PointRow.collection == collection.name
    )
    if entries is None:
        return {row.point: row.text_hash for row in session.execute(query)}
    found: dict[str, str] = {}
    for start in range(0, len(entries), _CHUNK):
        part = query.where(PointRow.entry_id.in_(entries[start : start + _CHUNK]))
        found.update((point, text_hash) for point, text_hash in session.execute(part))
    return found


def note_points(session: Session, collection: Collection, new: Iterable[Point]) -> None:
    """Note points before they are written to the index, so that none is there that nobody knows of."""
    key = {"workspace": collection.workspace, "collection": collection.name}
    rows = [{**key, "point": each.id, "entry_id": each.entry, "text_hash": each.text_hash} for each in new]
    insert_missing(session, PointRow, rows)


def forget_points(session: Session, collection: Collection, gone: Sequence[str]) -> None:
    """Forget points after they were taken out of the index."""
    for start in range(0, len(gone), _CHUNK):
        session.execute(
            delete(PointRow).where(
                PointRow.workspace == collection.workspace,
                PointRow.collection == collection.name,
                PointRow.point.in_(gone[start : start + _CHUNK]),
            )
        )


def remove(session: Session, collection: Collection) -> None:
    """Forget a collection and its points, after it was dropped from the index."""
    key = (PointRow.workspace == collection.workspace, PointRow.collection == collection.name)
    session.execute(delete(PointRow).where(*key).execution_options(synchronize_session=False))
    session.execute(delete(CollectionRow).where(*_row(collection)).execution_options(synchronize_session=False))


def _row(collection: Collection) -> tuple[ColumnElement[bool], ...]:
    return (CollectionRow.workspace == collection.workspace, CollectionRow.name == collection.name)


def served_before(session: Session, model: str) -> str | None:
    """Identity of the embedding model that served last before `model`; None where there was no other."""
    return session.scalar(
        select(CollectionRow.model)
        .where(CollectionRow.model != model, CollectionRow.ready_at.is_not(None))
        .order_by(CollectionRow.ready_at.desc())
        .limit(1)
    )
