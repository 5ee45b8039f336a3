"""What the knowledge base needs of a vector index, whoever provides it."""

from collections.abc import Sequence
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


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
