"""The knowledge base as it stood at an earlier version, copied into a database of its own; the source is only read.

Always: the copy holds exactly the versions of entries that were current after that many changes, with their status;
every change left a row under its number (`index_ops`), so that this is a look-up and no guess. Vectors come along, so
that little is embedded anew. How to rank and how sure to be is what holds now, or the calibration that is asked for.
"""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from sqlalchemy import Table, func, insert, select
from sqlalchemy.orm import Session

from kb import changes, vectors
from kb.calibrations import newest
from kb.database import Base, Sessions, reading
from kb.embedding import Embedder
from kb.entries import Entry, EntryStatus
from kb.errors import NotRebuilt, UnknownCalibration
from kb.ids import EntryId, WorkspaceId
from kb.points import texts_of
from kb.snapshots import to_json
from kb.tables import CalibrationRow, EntryRow, EntryVersionRow, IndexOpRow, KbVersionRow, WhiteningRow

#: How many entries are copied at a time.
_CHUNK = 500


def copy_at(
    source: Sessions,
    target: Sessions,
    workspace: WorkspaceId,
    version: int,
    embedder: Embedder,
    *,
    calibration: int | None = None,
) -> int:
    """Copy a workspace's knowledge as it stood at a version; how many entries were live then.

    The copy's own `KnowledgeBase` still has to carry the changes to its index.

    Args:
        source: only read.
        target: of an empty database with the tables of `kb`.
        version: of the knowledge base: how many changes it had seen; 0 is before the first.
        embedder: of its vectors those that are known come along.
        calibration: the version of the calibration; None for the newest, 0 for what is shipped.

    Raises:
        NotRebuilt: there is no such version, or a change before it is not there any more.
        UnknownCalibration: there is no such calibration.
    """
    with reading(source) as session:
        current = _current_at(session, workspace, version)
        numbers = {entry: seq for entry, (_, seq) in current.items()}
        live = 0
        with target.begin() as copy:
            _add(copy, KbVersionRow, [{"workspace": workspace, "version": version}])
            for ids in _chunks(sorted(current)):
                found = changes.some(session, workspace, [(one, current[one][0]) for one in ids])
                if len(found) < len(ids):
                    raise NotRebuilt(
                        f"Version {version} of the knowledge base cannot be rebuilt: entry "
                        f"{min(set(ids) - set(found))} is not kept as it was then."
                    )
                _copy_entries(copy, list(found.values()), numbers)
                _copy_vectors(session, copy, workspace, list(found.values()), embedder)
                live += sum(one.status is EntryStatus.LIVE for one in found.values())
            _copy_calibration(session, copy, workspace, calibration)
    return live


def _current_at(session: Session, workspace: WorkspaceId, version: int) -> dict[EntryId, tuple[int, int]]:
    """Of every entry that there was the version that was current, and the number of the change that made it."""
    now = changes.kb_version(session, workspace)
    if not 0 <= version <= now:
        raise NotRebuilt(f"The knowledge base is at version {now}; there is no version {version} of it.")
    until = (IndexOpRow.workspace == workspace, IndexOpRow.seq <= version)
    known = session.scalar(select(func.count()).select_from(IndexOpRow).where(*until)) or 0
    if known != version:
        raise NotRebuilt(
            f"Version {version} of the knowledge base cannot be rebuilt: {version - known} of its changes are not "
            "there any more."
        )
    asked = select(IndexOpRow.entry_id, IndexOpRow.version, IndexOpRow.seq).where(*until).order_by(IndexOpRow.seq)
    return {EntryId(entry): (number, seq) for entry, number, seq in session.execute(asked)}


def _copy_entries(copy: Session, found: Sequence[Entry], numbers: dict[EntryId, int]) -> None:
    keys = [{"workspace": one.workspace, "entry_id": one.id, "version": one.version} for one in found]
    _add(
        copy,
        EntryRow,
        [
            {
                "workspace": one.workspace,
                "id": one.id,
                "version": one.version,
                "status": one.status.value,
                "kind": one.content.kind.value,
                "audience": sorted(one.content.audience.refs),
                "source_hash": None,
                "changed_in": numbers[one.id],
            }
            for one in found
        ],
    )
    _add(
        copy,
        EntryVersionRow,
        [
            {
                **key,
                "status": one.status.value,
                "content": to_json(one.content),
                "created_by": one.created_by,
                "created_at": one.created_at,
            }
            for key, one in zip(keys, found, strict=True)
        ],
    )
    ops = [{**key, "seq": numbers[one.id], "created_at": one.created_at} for key, one in zip(keys, found, strict=True)]
    _add(copy, IndexOpRow, ops)


def _copy_vectors(
    session: Session, copy: Session, workspace: WorkspaceId, found: Sequence[Entry], embedder: Embedder
) -> None:
    hashes = [text.text_hash for one in found if one.status is EntryStatus.LIVE for text in texts_of(one)]
    vectors.remember(copy, workspace, embedder.model, vectors.known(session, workspace, embedder.model, hashes))


def _copy_calibration(session: Session, copy: Session, workspace: WorkspaceId, version: int | None) -> None:
    wanted = newest(session, workspace) if version is None else version
    if not wanted:
        return
    row = session.get(CalibrationRow, (workspace, wanted))
    if row is None:
        raise UnknownCalibration(f"There is no calibration {wanted}; `answerloop calibration list` shows which are.")
    _add(copy, CalibrationRow, [_values(row)])
    whitening = session.get(WhiteningRow, (workspace, row.whitening)) if row.whitening else None
    if whitening is not None:
        _add(copy, WhiteningRow, [_values(whitening)])


def _values(row: Base) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}


def _add(copy: Session, row: type[Base], values: list[dict[str, Any]]) -> None:
    if values:
        copy.execute(insert(cast(Table, row.__table__)), values)


def _chunks(ids: Sequence[EntryId]) -> Iterator[Sequence[EntryId]]:
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))
