"""A bounded memory of the entries shown last, by version: a version never changes, so none is read twice in a row."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from kb import changes
from kb.database import Sessions, reading
from kb.entries import Entry
from kb.ids import EntryId, WorkspaceId
from kb.points import near_texts

#: How many are kept; at about 3 kB each.
REMEMBERED = 16_384


@dataclass(frozen=True)
class Shown:
    """An entry and what of it is compared with a question, as `kb.points.near_texts` gives it."""

    entry: Entry
    near: tuple[str, ...]


class EntryMemory:
    """Remembers entries; safe for several threads. Whether one may be shown is not asked here."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[tuple[WorkspaceId, EntryId, int], Shown] = OrderedDict()

    def some(self, sessions: Sessions, workspace: WorkspaceId, versions: Mapping[EntryId, int]) -> dict[EntryId, Shown]:
        """The given versions of the given entries; what does not exist (any more) is left out."""
        found: dict[EntryId, Shown] = {}
        with self._lock:
            for entry, version in versions.items():
                key = (workspace, entry, version)
                if key in self._kept:
                    self._kept.move_to_end(key)
                    found[entry] = self._kept[key]
        missing = [(entry, version) for entry, version in versions.items() if entry not in found]
        if missing:
            with reading(sessions) as session:
                entries = changes.some(session, workspace, missing)
            read = {each.id: Shown(each, near_texts(each)) for each in entries.values()}
            with self._lock:
                self._kept.update({(workspace, each, shown.entry.version): shown for each, shown in read.items()})
                while len(self._kept) > REMEMBERED:
                    self._kept.popitem(last=False)
            found |= read
        return found
