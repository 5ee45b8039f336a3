"""What ingest has written before, read from the versions' own provenance: there is no second book to keep in step.

An entry belongs to the file that its latest ingested version names. Versions that people made since do not change that,
so a correction made in a conversation is neither ingested again nor overwritten unnoticed.
"""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.entries import EntryStatus
from kb.ids import EntryId, WorkspaceId
from kb.readings import ORIGIN
from kb.tables import EntryRow, EntryVersionRow


@dataclass(frozen=True)
class Ingested:
    """One entry that came from a file."""

    entry: EntryId
    #: The latest version whose content came from the file.
    version: int
    #: The hash of what the file said then; None where it had vanished from the file and was retired for that.
    content_hash: str | None
    #: The current version and its status; the version is a later one where people have changed the entry since.
    current: int
    status: EntryStatus

    @property
    def untouched(self) -> bool:
        """Whether the entry still says, live, what the file said."""
        return self.current == self.version and self.status is EntryStatus.LIVE


def ingested(session: Session, workspace: WorkspaceId) -> dict[str, tuple[Ingested, ...]]:
    """Everything that came from files, by the file's name, oldest entry first."""
    origin = EntryVersionRow.content["provenance"]
    rows = session.execute(
        select(
            EntryVersionRow.entry_id,
            EntryVersionRow.version,
            origin["source"].as_string(),
            origin["content_hash"].as_string(),
            EntryRow.version,
            EntryRow.status,
        )
        .join(EntryRow, (EntryRow.workspace == EntryVersionRow.workspace) & (EntryRow.id == EntryVersionRow.entry_id))
        .where(EntryVersionRow.workspace == workspace, origin["origin"].as_string() == ORIGIN)
        .order_by(EntryVersionRow.entry_id, EntryVersionRow.version)
    )
    # Later versions of an entry replace earlier ones.
    latest: dict[str, tuple[str, Ingested]] = {}
    for entry, version, source, content_hash, current, status in rows:
        latest[entry] = source, Ingested(EntryId(entry), version, content_hash, current, EntryStatus(status))
    found: dict[str, list[Ingested]] = defaultdict(list)
    for source, each in latest.values():
        found[source].append(each)
    return {source: tuple(each) for source, each in found.items()}
