"""Changes to entries and the reading of them, in the caller's transaction; nothing here commits.

A change locks the workspace's counter first, so changes of one workspace happen one after the other; it then writes the
next version whole, makes it current and leaves an operation for the index under the counter's number. Versions are only
ever added: going back is a new version with old content.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import cast

from sqlalchemy import BindParameter, Executable, Insert, Row, Select, Table, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from kb.database import Base, insert_missing, rows_of, write
from kb.entries import Draft, Entry, EntryKind, EntryStatus
from kb.errors import InvalidDraft, StaleVersion, UnknownEntry
from kb.ids import EntryId, WorkspaceId
from kb.snapshots import from_json, to_json
from kb.tables import EntryRow, EntryVersionRow, IndexOpRow, KbVersionRow
from kb.text import has_words

#: How many ids go into one `IN (...)`.
_CHUNK = 500


def publish(session: Session, workspace: WorkspaceId, entry: EntryId, draft: Draft, *, by: str, now: datetime) -> Entry:
    """Write the first version of a new entry, live at once.

    Raises:
        InvalidDraft: the question or the answer holds no words.
    """
    content = _checked(draft)
    number = _next_number(session, workspace)
    first = Entry(workspace, entry, 1, EntryStatus.LIVE, content, by, now)
    write(session, _new(EntryRow), {"workspace": workspace, "id": entry, **_current(first, number)})
    _write_version(session, first, number)
    return first


def revise(
    session: Session,
    workspace: WorkspaceId,
    entry: EntryId,
    draft: Draft | None,
    *,
    by: str,
    now: datetime,
    status: EntryStatus | None = None,
    expected_version: int | None = None,
) -> Entry:
    """Write the next version of an entry.

    Args:
        draft: the new content; None keeps what the current version says.
        status: None keeps the current version's.
        expected_version: the version that the decision rests on; None where it rests on none.

    Raises:
        UnknownEntry: there is no such entry.
        StaleVersion: the current version is not the expected one.
        InvalidDraft: the question or the answer holds no words.
    """
    content = _checked(draft) if draft is not None else None
    number = _next_number(session, workspace)
    before = get(session, workspace, entry)
    if expected_version is not None and before.version != expected_version:
        raise StaleVersion(
            f"Entry {entry} is at version {before.version}, not {expected_version} any more; "
            "read it again and decide anew."
        )
    after = replace(
        before,
        version=before.version + 1,
        status=status or before.status,
        content=content or before.content,
        created_by=by,
        created_at=now,
    )
    session.execute(
        update(EntryRow)
        .where(EntryRow.workspace == workspace, EntryRow.id == entry)
        .values(**_current(after, number))
        .execution_options(synchronize_session=False)
    )
    _write_version(session, after, number)
    return after


def restore(
    session: Session, workspace: WorkspaceId, entry: EntryId, *, to_version: int, by: str, now: datetime
) -> Entry:
    """Write a new version with the content and the status of an earlier one.

    Args:
        to_version: the version to go back to; 0 means before there was any, so the entry retires.

    Raises:
        UnknownEntry: there is no such entry or version.
    """
    if to_version == 0:
        return revise(session, workspace, entry, None, by=by, now=now, status=EntryStatus.RETIRED)
    earlier = get(session, workspace, entry, to_version)
    return revise(session, workspace, entry, earlier.content, by=by, now=now, status=earlier.status)


def get(session: Session, workspace: WorkspaceId, entry: EntryId, version: int | None = None) -> Entry:
    """One version of an entry; without a number the current one.

    Raises:
        UnknownEntry: there is no such entry or version.
    """
    wanted = {"workspace": workspace, "entry": entry, "version": version}
    row = rows_of(session, _one(current=version is None), wanted).one_or_none()
    if row is None:
        which = f"version {version} of entry {entry}" if version is not None else f"entry {entry}"
        raise UnknownEntry(f"There is no {which} in this workspace.")
    return _entry(workspace, row)


def history(session: Session, workspace: WorkspaceId, entry: EntryId) -> tuple[Entry, ...]:
    """Every version of an entry, oldest first.

    Raises:
        UnknownEntry: there is no such entry.
    """
    query = _versions(workspace).where(EntryVersionRow.entry_id == entry).order_by(EntryVersionRow.version)
    found = tuple(_entry(workspace, row) for row in session.execute(query))
    if not found:
        raise UnknownEntry(f"There is no entry {entry} in this workspace.")
    return found


def entries(
    session: Session,
    workspace: WorkspaceId,
    *,
    status: EntryStatus | None = None,
    kind: EntryKind | None = None,
    source: str | None = None,
) -> tuple[Entry, ...]:
    """The current versions of the entries, oldest entry first, narrowed by what is given."""
    query = _only_current(_versions(workspace)).order_by(EntryRow.id)
    if status is not None:
        query = query.where(EntryRow.status == status.value)
    if kind is not None:
        query = query.where(EntryRow.kind == kind.value)
    if source is not None:
        query = query.where(EntryRow.source_hash == _source_hash(source))
    return tuple(_entry(workspace, row) for row in session.execute(query))


def some(session: Session, workspace: WorkspaceId, wanted: Iterable[tuple[EntryId, int]]) -> dict[EntryId, Entry]:
    """The given versions of the given entries; what does not exist is left out."""
    versions = dict(wanted)
    found: dict[EntryId, Entry] = {}
    for ids in _chunks(list(versions)):
        wanted_now = {"workspace": workspace, "ids": list(ids), "versions": list({versions[each] for each in ids})}
        for row in rows_of(session, _some(), wanted_now):
            if versions[EntryId(row[0])] == row[1]:
                found[EntryId(row[0])] = _entry(workspace, row)
    return found


def current(session: Session, workspace: WorkspaceId, ids: Sequence[EntryId]) -> dict[EntryId, Entry]:
    """The current versions of the given entries; unknown ids are left out."""
    found: dict[EntryId, Entry] = {}
    for chunk in _chunks(ids):
        for row in session.execute(_only_current(_versions(workspace)).where(EntryRow.id.in_(chunk))):
            entry = _entry(workspace, row)
            found[entry.id] = entry
    return found


def changed_since(session: Session, workspace: WorkspaceId, number: int) -> tuple[Entry, ...]:
    """The current versions of the entries that changed after the knowledge base's version `number`."""
    query = _only_current(_versions(workspace)).where(EntryRow.changed_in > number).order_by(EntryRow.id)
    # At first that is everything: rows are to go as their entries come.
    query = query.execution_options(yield_per=1_000)
    return tuple(_entry(workspace, row) for row in session.execute(query))


def live_versions(session: Session, workspace: WorkspaceId, ids: Sequence[EntryId]) -> dict[EntryId, int]:
    """Of the given entries those that are live now, with their current version."""
    found: dict[EntryId, int] = {}
    for chunk in _chunks(ids):
        rows = rows_of(session, _live(), {"workspace": workspace, "ids": list(chunk)})
        found.update((EntryId(entry), version) for entry, version in rows)
    return found


def kb_version(session: Session, workspace: WorkspaceId) -> int:
    """How many changes the knowledge base of the workspace has seen; 0 while it is empty."""
    found: int | None = rows_of(session, _counter(), {"workspace": workspace}).scalar()
    return found or 0


def workspaces(session: Session) -> tuple[WorkspaceId, ...]:
    """Every workspace that knows anything."""
    found = session.scalars(select(KbVersionRow.workspace).order_by(KbVersionRow.workspace))
    return tuple(WorkspaceId(workspace) for workspace in found)


def count(session: Session, workspace: WorkspaceId, status: EntryStatus) -> int:
    """How many entries of the workspace have this status."""
    query = select(func.count()).select_from(EntryRow)
    return session.scalar(query.where(EntryRow.workspace == workspace, EntryRow.status == status.value)) or 0


def _checked(draft: Draft) -> Draft:
    # Wordings are kept as given but for surrounding space; a phrasing that says nothing new is dropped.
    question, answer = draft.question.strip(), draft.answer.strip()
    if not has_words(question):
        raise InvalidDraft("An entry needs a question with words in it.")
    if not has_words(answer):
        raise InvalidDraft(f"The entry '{question[:80]}' needs an answer with words in it.")
    phrasings = dict.fromkeys(phrasing.strip() for phrasing in draft.phrasings)
    kept = tuple(phrasing for phrasing in phrasings if has_words(phrasing) and phrasing != question)
    return replace(draft, question=question, answer=answer, phrasings=kept)


def _next_number(session: Session, workspace: WorkspaceId) -> int:
    number: int | None = write(session, _count_on(), {"of": workspace}).scalar()
    if number is None:
        insert_missing(session, KbVersionRow, [{"workspace": workspace, "version": 0}])
        number = write(session, _count_on(), {"of": workspace}).scalar()
    if number is None:
        raise UnknownEntry(f"The knowledge base of workspace {workspace} vanished while it was being changed.")
    return number


def _current(entry: Entry, number: int) -> dict[str, object]:
    return {
        "version": entry.version,
        "status": entry.status.value,
        "kind": entry.content.kind.value,
        "audience": sorted(entry.content.audience.refs),
        "source_hash": _source_hash(entry.content.provenance.source),
        "changed_in": number,
    }


def _write_version(session: Session, entry: Entry, number: int) -> None:
    key = {"workspace": entry.workspace, "entry_id": entry.id, "version": entry.version}
    version = {
        **key,
        "status": entry.status.value,
        "content": to_json(entry.content),
        "created_by": entry.created_by,
        "created_at": entry.created_at,
    }
    write(session, _new(EntryVersionRow), version)
    write(session, _new(IndexOpRow), {**key, "seq": number, "created_at": entry.created_at})


# Statements that run at every search or change are built once; `:name` in what follows stands for their parameters.


@cache
def _new(row: type[Base]) -> Insert:
    """A new row."""
    return insert(cast(Table, row.__table__))


@cache
def _count_on() -> Executable:
    """The next number of changes of the workspace :of."""
    table = cast(Table, KbVersionRow.__table__)
    step = update(table).where(table.c.workspace == bindparam("of")).values(version=table.c.version + 1)
    return step.returning(table.c.version)


@cache
def _counter() -> Select[int]:
    """The number of changes of :workspace."""
    return select(KbVersionRow.version).where(KbVersionRow.workspace == bindparam("workspace"))


@cache
def _live() -> Select[str, int]:
    """Those of :ids in :workspace that are live, with their version."""
    return select(EntryRow.id, EntryRow.version).where(
        EntryRow.workspace == bindparam("workspace"),
        EntryRow.id.in_(bindparam("ids", expanding=True)),
        EntryRow.status == EntryStatus.LIVE.value,
    )


@cache
def _some() -> Select[str, int, str, dict[str, object], str, datetime]:
    """Those of :ids in :workspace at any of :versions."""
    return _versions(bindparam("workspace")).where(
        EntryVersionRow.entry_id.in_(bindparam("ids", expanding=True)),
        EntryVersionRow.version.in_(bindparam("versions", expanding=True)),
    )


@cache
def _one(*, current: bool) -> Select[str, int, str, dict[str, object], str, datetime]:
    """The current version, or :version, of :entry in :workspace."""
    query = _versions(bindparam("workspace")).where(EntryVersionRow.entry_id == bindparam("entry"))
    return _only_current(query) if current else query.where(EntryVersionRow.version == bindparam("version"))


def _versions(
    workspace: WorkspaceId | BindParameter[str],
) -> Select[str, int, str, dict[str, object], str, datetime]:
    return select(
        EntryVersionRow.entry_id,
        EntryVersionRow.version,
        EntryVersionRow.status,
        EntryVersionRow.content,
        EntryVersionRow.created_by,
        EntryVersionRow.created_at,
    ).where(EntryVersionRow.workspace == workspace)


def _only_current(
    query: Select[str, int, str, dict[str, object], str, datetime],
) -> Select[str, int, str, dict[str, object], str, datetime]:
    return query.join(
        EntryRow,
        (EntryRow.workspace == EntryVersionRow.workspace)
        & (EntryRow.id == EntryVersionRow.entry_id)
        & (EntryRow.version == EntryVersionRow.version),
    )


def _entry(workspace: WorkspaceId, row: Row[str, int, str, dict[str, object], str, datetime]) -> Entry:
    entry, version, status, content, by, at = row
    return Entry(workspace, EntryId(entry), version, EntryStatus(status), from_json(content), by, at)


def _source_hash(source: str | None) -> str | None:
    return sha256(source.encode()).hexdigest() if source is not None else None


def _chunks(ids: Sequence[EntryId]) -> Iterable[Sequence[EntryId]]:
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))


def audiences(session: Session, workspace: WorkspaceId) -> frozenset[str]:
    """Every audience reference that a live entry carries."""
    found = session.scalars(
        select(EntryRow.audience).where(EntryRow.workspace == workspace, EntryRow.status == EntryStatus.LIVE)
    )
    return frozenset(ref for refs in found for ref in refs)
