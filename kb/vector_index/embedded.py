"""Chroma inside this process, in folders that it owns.

The index holds ids and vectors, never text, because Chroma keeps on disk what was deleted from it. For the same reason
every collection has a folder of its own, which goes with it: a rebuild leaves nothing behind of what was in there.
"""

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from threading import Condition
from typing import TYPE_CHECKING, TypeVar

from kb.errors import IndexLocked, IndexUnavailable
from kb.folder_lock import FolderLock
from kb.vector_index.chroma import ChromaIndex, at_folder, missing

if TYPE_CHECKING:
    from kb.vector_index.chroma import Client, Collection

_T = TypeVar("_T")

#: Where the folders of collections are, and what the name of one begins with that is going.
_COLLECTIONS = "collections"
_GOING = ".going-"
#: Seconds after which a call on a collection that is dropped is no longer waited for.
_LONGEST_CALL = 10


class EmbeddedIndex(ChromaIndex):
    """Chroma inside this process, on a folder that no other process may open meanwhile."""

    exclusive = True

    def __init__(self, folder: Path) -> None:
        """Own `folder`.

        Raises:
            IndexLocked: another process owns it; the message names it.
        """
        super().__init__()
        self._folder = folder
        self._lock = FolderLock(folder)
        #: How many calls on each collection are under way: no folder goes under their hands.
        self._using: Counter[str] = Counter()
        #: The collections that are going.
        self._dropped: set[str] = set()
        self._calls = Condition()
        for left in folder.glob(f"{_GOING}*"):
            shutil.rmtree(left, ignore_errors=True)

    def collections(self) -> frozenset[str]:
        """The names of all collections."""
        with self._call():
            self._own()
            return frozenset(each.name for each in (self._folder / _COLLECTIONS).glob("*"))

    def drop(self, collection: str) -> None:
        """Remove the collection's folder and all that was ever in it; harmless where there is none."""
        with self._writing, self._call():
            self._own()
            if not self._folder_of(collection).exists():
                return
            with self._calls:
                self._dropped.add(collection)
                self._calls.wait_for(lambda: not self._using[collection], _LONGEST_CALL)
            try:
                # What is left under this name, should this process die now, is removed at the next start.
                going = self._folder_of(collection).rename(self._folder / f"{_GOING}{collection}")
                with self._opening:
                    self._known.pop(collection, None)
                    client = self._clients.pop(collection, None)
                if client is not None:
                    client.close()
                shutil.rmtree(going)
            finally:
                with self._calls:
                    self._dropped.discard(collection)

    def close(self) -> None:
        """Close the files and give the folder back."""
        super().close()
        self._lock.release()

    def _home(self, collection: str) -> str:
        return collection

    def _on(self, collection: str, call: "Callable[[Collection], _T]") -> _T:
        with self._calls:
            # Connecting would make the folder.
            if collection in self._dropped or not self._folder_of(collection).exists():
                raise missing(collection)
            self._using[collection] += 1
        try:
            return super()._on(collection, call)
        finally:
            with self._calls:
                self._using[collection] -= 1
                self._calls.notify_all()

    def _folder_of(self, collection: str) -> Path:
        return self._folder / _COLLECTIONS / collection

    def _own(self) -> None:
        """Hold the folder as it stands now; somebody may have removed it."""
        with self._opening:
            if self._closed:
                raise IndexUnavailable("The vector index has been closed.")
            if self._stale():
                self._let_go()
                self._renew()

    def _stale(self) -> bool:
        return not self._lock.held

    def _renew(self) -> None:
        try:
            self._lock.renew()
        except IndexLocked as error:
            raise IndexUnavailable(str(error)) from error

    def _connect(self, home: str) -> "Client":
        self._renew()
        return at_folder(self._folder_of(home))
