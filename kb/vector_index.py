"""The vector index: a port, and Chroma behind it, embedded or as a server. The only file that imports chromadb.

The index holds ids and vectors, never text, because Chroma keeps on disk what was deleted from it. For the same reason
every collection of an embedded index has a folder of its own, which goes with it: a rebuild leaves nothing behind of
what was in there. Collections are named by who calls; every write may be repeated without effect. An embedded index is
owned by one process at a time.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from threading import Condition, Lock
from typing import TYPE_CHECKING, Protocol, TypeVar, cast
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from kb.errors import IndexLocked, IndexUnavailable
from kb.folder_lock import FolderLock

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection
    from chromadb.config import Settings

Vectors = NDArray[np.float32]
_T = TypeVar("_T")

#: Chroma refuses larger batches.
LARGEST_BATCH = 5_461
#: In an embedded index: where the folders of collections are, and what the name of one begins with that is going.
_COLLECTIONS = "collections"
_GOING = ".going-"
#: Seconds after which a call on a collection that is dropped is no longer waited for.
_LONGEST_CALL = 10


class VectorIndex(Protocol):
    """What the knowledge base needs of a vector index; every method raises `IndexUnavailable` when it is away."""

    #: Whether this object is the only one that can write, so that nobody else's claim needs to be waited for.
    exclusive: bool

    def turn(self, collection: str) -> Lock:
        """Held by who lets the collection follow, so that this process does so once at a time; the same each time."""
        ...

    def ensure(self, collection: str) -> None:
        """Make the collection where it does not exist."""
        ...

    def drop(self, collection: str) -> None:
        """Remove the collection and all in it; harmless where there is none."""
        ...

    def collections(self) -> frozenset[str]:
        """The names of all collections."""
        ...

    def upsert(self, collection: str, ids: Sequence[str], vectors: Vectors) -> None:
        """Write points; a known id gets the new vector. `vectors` is (len(ids), dimension)."""
        ...

    def delete(self, collection: str, ids: Sequence[str]) -> None:
        """Remove points; unknown ids are ignored."""
        ...

    def nearest(self, collection: str, vector: Vectors, count: int) -> tuple[str, ...]:
        """The ids of up to `count` points nearest to `vector` (dimension,) by cosine, nearest first."""
        ...

    def ids(self, collection: str) -> frozenset[str]:
        """The ids of all points in the collection; empty where there is no such collection."""
        ...

    def vectors(self, collection: str, ids: Sequence[str]) -> dict[str, Vectors]:
        """The stored vectors of the given points; unknown ids are left out."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


class _ChromaIndex:
    """What both ways of running Chroma have in common."""

    exclusive = False

    def __init__(self) -> None:
        #: Calls that write go one after the other, whatever collection they are for.
        self._writing = Lock()
        self._turns: dict[str, Lock] = {}
        #: The connections, by what `_home` says of a collection.
        self._clients: dict[str, Client] = {}
        self._opening = Lock()
        self._closed = False
        self._known: dict[str, Collection] = {}

    def _home(self, collection: str) -> str:
        """Which connection a collection is reached by."""
        return ""

    def _connect(self, home: str) -> "Client":
        raise IndexUnavailable("This index has no way to connect.")

    def turn(self, collection: str) -> Lock:
        """The lock of who lets the collection follow."""
        return self._turns.setdefault(collection, Lock())

    def ensure(self, collection: str) -> None:
        """Make the collection where it does not exist."""
        from chromadb.api.collection_configuration import CreateCollectionConfiguration, CreateHNSWConfiguration

        # The default settings missed some exact matches; these did not, at the cost of a slower build.
        graph = CreateHNSWConfiguration(space="cosine", ef_construction=200, ef_search=200, max_neighbors=32)
        with self._writing, self._call():
            self._known[collection] = self._open(collection).get_or_create_collection(
                collection,
                # Without this Chroma would load, and at first fetch, an embedding model of its own.
                embedding_function=None,
                configuration=CreateCollectionConfiguration(hnsw=graph),
            )

    def drop(self, collection: str) -> None:
        """Remove the collection and all in it; harmless where there is none."""
        from chromadb.errors import NotFoundError

        self._known.pop(collection, None)
        with self._writing, self._call():
            try:
                self._open(collection).delete_collection(collection)
            except NotFoundError:
                return

    def collections(self) -> frozenset[str]:
        """The names of all collections."""
        with self._call():
            return frozenset(each.name for each in self._open("").list_collections())

    def upsert(self, collection: str, ids: Sequence[str], vectors: Vectors) -> None:
        """Write points, in as many batches as Chroma needs."""
        for part in _batches(len(ids)):
            with self._writing:
                self._on(collection, partial(_upsert, ids=list(ids[part]), vectors=vectors[part]))

    def delete(self, collection: str, ids: Sequence[str]) -> None:
        """Remove points, in as many batches as Chroma needs."""
        for part in _batches(len(ids)):
            with self._writing:
                self._on(collection, partial(_delete, ids=list(ids[part])))

    def nearest(self, collection: str, vector: Vectors, count: int) -> tuple[str, ...]:
        """The ids of up to `count` points nearest to `vector`, nearest first."""
        result = self._on(
            collection, lambda found: found.query(query_embeddings=vector[np.newaxis, :], n_results=count, include=[])
        )
        return tuple(result["ids"][0])

    def ids(self, collection: str) -> frozenset[str]:
        """The ids of all points in the collection."""
        if collection not in self.collections():
            return frozenset()
        return frozenset(self._on(collection, lambda found: found.get(include=[]))["ids"])

    def vectors(self, collection: str, ids: Sequence[str]) -> dict[str, Vectors]:
        """The stored vectors of the given points."""
        stored: dict[str, Vectors] = {}
        for part in _batches(len(ids)):
            stored |= self._on(collection, partial(_vectors, ids=list(ids[part])))
        return stored

    def close(self) -> None:
        """Let go of files and connections."""
        with self._opening:
            self._closed = True
            self._let_go()

    def _let_go(self) -> None:
        self._known.clear()
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def _open(self, collection: str) -> "Client":
        home = self._home(collection)
        with self._opening:
            if self._closed:
                raise IndexUnavailable("The vector index has been closed.")
            if self._clients and self._stale():
                self._let_go()
            if home not in self._clients:
                self._clients[home] = self._connect(home)
            return self._clients[home]

    def _on(self, collection: str, call: "Callable[[Collection], _T]") -> _T:
        """Call on a collection; a handle that went stale because the collection was made anew is looked up again."""
        from chromadb.errors import NotFoundError

        with self._call():
            client = self._open(collection)
            known = self._known.get(collection)
            if known is not None:
                try:
                    return call(known)
                except NotFoundError:
                    self._known.pop(collection, None)
            try:
                fresh = client.get_collection(collection, embedding_function=None)
            except NotFoundError:
                raise _missing(collection) from None
            self._known[collection] = fresh
            return call(fresh)

    def _stale(self) -> bool:
        """Whether what was connected to is no longer there, so that it takes a new connection."""
        return False

    @contextmanager
    def _call(self) -> Iterator[None]:
        import httpx
        from chromadb.errors import ChromaError

        try:
            yield
        except (ChromaError, httpx.HTTPError, OSError) as error:
            raise IndexUnavailable(f"The vector index cannot be reached: {_first_line(error)}") from error


class EmbeddedIndex(_ChromaIndex):
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
                raise _missing(collection)
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
        import chromadb

        self._renew()
        client = chromadb.PersistentClient(str(self._folder_of(home)), settings=_settings())
        return cast("Client", client)


class ServerIndex(_ChromaIndex):
    """A Chroma server, for when there is more than one process; connects at the first call and again after a loss."""

    def __init__(self, url: str) -> None:
        """Remember where the server is.

        Args:
            url: such as `http://127.0.0.1:8000`.
        """
        super().__init__()
        self._url = urlsplit(url)

    def _connect(self, home: str) -> "Client":
        import chromadb

        secure = self._url.scheme == "https"
        try:
            client = chromadb.HttpClient(
                host=self._url.hostname or "127.0.0.1",
                port=self._url.port or (443 if secure else 8000),
                ssl=secure,
                settings=_settings(),
            )
        except ValueError as error:
            # This is how the client says that nobody answered.
            raise IndexUnavailable(f"No Chroma server answers at {self._url.geturl()}: {_first_line(error)}") from error
        return cast("Client", client)


class AwayIndex(_ChromaIndex):
    """The index as a process sees it that does not own it: changes go to the database alone, the owner follows."""

    def _connect(self, home: str) -> "Client":
        raise IndexUnavailable("Another process owns the index; it will follow.")


def open_index(where: str | Path) -> VectorIndex:
    """The index at a URL (a Chroma server) or in a folder (embedded).

    Raises:
        IndexLocked: another process owns the folder.
    """
    at_server = isinstance(where, str) and where.startswith(("http://", "https://"))
    index = ServerIndex(str(where)) if at_server else EmbeddedIndex(Path(where))
    # Now, while one thread runs: several that import it at the same moment meet it half made.
    import_module("chromadb")
    return index


def _missing(collection: str) -> IndexUnavailable:
    return IndexUnavailable(
        f"The vector index has no collection {collection}; `answerloop kb rebuild` makes it from the database."
    )


def _batches(count: int) -> Iterator[slice]:
    return (slice(start, start + LARGEST_BATCH) for start in range(0, count, LARGEST_BATCH))


def _upsert(collection: "Collection", ids: list[str], vectors: Vectors) -> None:
    collection.upsert(ids=ids, embeddings=vectors)


def _delete(collection: "Collection", ids: list[str]) -> None:
    collection.delete(ids=ids)


def _vectors(collection: "Collection", ids: list[str]) -> dict[str, Vectors]:
    found = collection.get(ids=ids, include=["embeddings"])
    return dict(zip(found["ids"], np.asarray(found["embeddings"], dtype=np.float32), strict=True))


def _settings() -> "Settings":
    from chromadb.config import Settings

    return Settings(anonymized_telemetry=False)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
