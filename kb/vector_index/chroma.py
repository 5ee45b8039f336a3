"""Chroma behind the port, however it is reached. The only file that imports chromadb.

Collections are named by who calls; every write may be repeated without effect.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeVar, cast
from urllib.parse import urlsplit

import numpy as np

from kb.errors import IndexUnavailable
from kb.resting import resting
from kb.vector_index.port import Vectors

if TYPE_CHECKING:
    from chromadb.api.client import Client as Client
    from chromadb.api.models.Collection import Collection as Collection
    from chromadb.config import Settings

_T = TypeVar("_T")

#: Chroma refuses larger batches.
LARGEST_BATCH = 5_461


class ChromaIndex:
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
                raise missing(collection) from None
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


def load() -> None:
    """Import chromadb now, while one thread runs: several that import it at the same moment meet it half made."""
    with resting():  # every class that it makes stays
        import_module("chromadb")


def at_folder(folder: Path) -> "Client":
    """A connection to Chroma inside this process."""
    import chromadb

    return cast("Client", chromadb.PersistentClient(str(folder), settings=_settings()))


def at_server(url: str) -> "Client":
    """A connection to a Chroma server.

    Raises:
        IndexUnavailable: nobody answers there.
    """
    import chromadb

    where = urlsplit(url)
    secure = where.scheme == "https"
    try:
        client = chromadb.HttpClient(
            host=where.hostname or "127.0.0.1",
            port=where.port or (443 if secure else 8000),
            ssl=secure,
            settings=_settings(),
        )
    except ValueError as error:
        # This is how the client says that nobody answered.
        raise IndexUnavailable(f"No Chroma server answers at {where.geturl()}: {_first_line(error)}") from error
    return cast("Client", client)


def missing(collection: str) -> IndexUnavailable:
    """What is raised where there is no such collection."""
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
