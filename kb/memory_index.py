"""A vector index in memory, exact and gone with its process: for what is tried out and thrown away.

It finds what the embedded index finds, but for the few that an approximate index misses; equally near points come in
the order of their ids, so that the same points always give the same answer.
"""

from collections.abc import Sequence
from threading import Lock

import numpy as np

from kb.errors import IndexUnavailable
from kb.vector_index import Vectors


class _Points:
    """The points of one collection, in rows that grow by doubling."""

    def __init__(self, dimension: int) -> None:
        self.rows: dict[str, int] = {}
        self.ids: list[str] = []
        self.vectors = np.empty((64, dimension), dtype=np.float32)

    def put(self, point: str, vector: Vectors) -> None:
        row = self.rows.get(point)
        if row is None:
            row = self.rows[point] = len(self.ids)
            self.ids.append(point)
            if row == len(self.vectors):
                self.vectors = np.concatenate([self.vectors, np.empty_like(self.vectors)])
        self.vectors[row] = vector

    def remove(self, point: str) -> None:
        row = self.rows.pop(point, None)
        if row is None:
            return
        # The last point takes the place.
        last = self.ids.pop()
        if last != point:
            self.ids[row] = last
            self.rows[last] = row
            self.vectors[row] = self.vectors[len(self.ids)]

    def nearest(self, vector: Vectors, count: int) -> tuple[str, ...]:
        if not self.ids:
            return ()
        cosines = self.vectors[: len(self.ids)] @ vector
        rows = np.arange(len(self.ids))
        if count < len(rows):
            # As many as asked for and all that are as near as the last of them, so that ids decide among equals.
            least = cosines[np.argpartition(-cosines, count - 1)[:count]].min()
            rows = np.flatnonzero(cosines >= least)
        found = sorted((-float(cosines[row]), self.ids[row]) for row in rows)
        return tuple(point for _, point in found[:count])


class MemoryIndex:
    """`kb.vector_index.VectorIndex` in memory; vectors must have unit length, as embedders give them."""

    exclusive = True

    def __init__(self) -> None:
        self._lock = Lock()
        self._turns: dict[str, Lock] = {}
        self._collections: dict[str, _Points | None] = {}

    def turn(self, collection: str) -> Lock:
        """The lock of who lets the collection follow."""
        return self._turns.setdefault(collection, Lock())

    def ensure(self, collection: str) -> None:
        """Make the collection where it does not exist."""
        with self._lock:
            self._collections.setdefault(collection, None)

    def drop(self, collection: str) -> None:
        """Remove the collection and all in it; harmless where there is none."""
        with self._lock:
            self._collections.pop(collection, None)

    def collections(self) -> frozenset[str]:
        """The names of all collections."""
        with self._lock:
            return frozenset(self._collections)

    def upsert(self, collection: str, ids: Sequence[str], vectors: Vectors) -> None:
        """Write points; a known id gets the new vector."""
        with self._lock:
            points = self._points(collection)
            if points is None:
                points = self._collections[collection] = _Points(vectors.shape[1])
            for point, vector in zip(ids, vectors, strict=True):
                points.put(point, vector)

    def delete(self, collection: str, ids: Sequence[str]) -> None:
        """Remove points; unknown ids are ignored."""
        with self._lock:
            points = self._points(collection)
            if points is not None:
                for point in ids:
                    points.remove(point)

    def nearest(self, collection: str, vector: Vectors, count: int) -> tuple[str, ...]:
        """The ids of up to `count` points nearest to `vector`, nearest first."""
        with self._lock:
            points = self._points(collection)
            return () if points is None else points.nearest(vector, count)

    def ids(self, collection: str) -> frozenset[str]:
        """The ids of all points in the collection; empty where there is no such collection."""
        with self._lock:
            points = self._collections.get(collection)
            return frozenset() if points is None else frozenset(points.rows)

    def vectors(self, collection: str, ids: Sequence[str]) -> dict[str, Vectors]:
        """The stored vectors of the given points; unknown ids are left out."""
        with self._lock:
            points = self._points(collection)
            if points is None:
                return {}
            return {point: points.vectors[points.rows[point]].copy() for point in ids if point in points.rows}

    def close(self) -> None:
        """Forget everything."""
        with self._lock:
            self._collections.clear()

    def _points(self, collection: str) -> _Points | None:
        if collection not in self._collections:
            raise IndexUnavailable(
                f"The vector index has no collection {collection}; `answerloop kb rebuild` makes it from the database."
            )
        return self._collections[collection]
