"""Candidates: the entries that are compared with one question, with their vectors in one block.

What follows from an entry's own vectors alone (how long the middle of its wordings is, as it stands and under the
workspace's map) is worked out once per version. It never depends on what the entry is compared beside.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kb.database import Sessions
from kb.ids import WorkspaceId
from kb.live_entries import LiveEntry
from kb.ranking import Numbers
from kb.vector_memory import VectorMemory
from kb.vectors import Vector
from kb.whitening import Whitening


@dataclass(frozen=True)
class Candidates:
    """Entries and their vectors."""

    entries: tuple[LiveEntry, ...]
    #: One vector per row: for each entry its body, then what is near it.
    block: Vector
    #: How many rows each entry has, (n,), and at which they begin, (n,).
    sizes: NDArray[np.intp]
    starts: NDArray[np.intp]
    #: Identity of the embedding model.
    model: str

    def __len__(self) -> int:
        """How many entries there are."""
        return len(self.entries)

    def near(self, row: int) -> Vector:
        """The vectors of what is near the entry at a row, (n, dimension)."""
        start = self.starts[row]
        return self.block[start + 1 : start + 1 + len(self.entries[row].near)]

    @cached_property
    def is_passage(self) -> NDArray[np.bool_]:
        """Which entries are passages, (n,)."""
        return np.array([each.is_passage for each in self.entries], dtype=bool)

    @cached_property
    def near_starts(self) -> NDArray[np.intp]:
        """At which place the near texts of each entry begin, counting near texts alone: (n,)."""
        return self.starts - np.arange(len(self))

    @cached_property
    def is_near(self) -> NDArray[np.bool_]:
        """Which rows of the block are near texts, (rows,): all but the bodies."""
        found = np.ones(len(self.block), dtype=bool)
        found[self.starts] = False
        return found

    @cached_property
    def owners(self) -> NDArray[np.intp]:
        """Of each row of the block the place of its entry where it is a wording of an answer, else n: (rows,)."""
        found = np.repeat(np.where(self.is_passage, len(self), np.arange(len(self))), self.sizes)
        found[self.starts] = len(self)
        return found

    @cached_property
    def lengths(self) -> Numbers:
        """The length (0 to 1) of the middle of each entry's wordings, (n,)."""
        # Most have one wording, which is then the middle, and every vector is of unit length.
        return np.array(
            [1.0 if len(each.near) == 1 else self._shape(row).length for row, each in enumerate(self.entries)]
        )

    def squares(self, whitening: Whitening) -> Numbers:
        """The squared length of the middle of each entry's wordings under a map, (n,)."""
        if whitening.even is not None:
            found: Numbers = (whitening.even * self.lengths) ** 2
            return found
        return np.array([self._square(row, whitening) for row in range(len(self))])

    def _shape(self, row: int) -> "_Shape":
        entry = self.entries[row]
        found = entry.shapes.get(self.model)
        if not isinstance(found, _Shape):
            found = entry.shapes[self.model] = _Shape(float(np.linalg.norm(_middle(self.near(row)))))
        return found

    def _square(self, row: int, whitening: Whitening) -> float:
        shape = self._shape(row)
        if shape.map != whitening.version:
            mapped = whitening.apply(_middle(self.near(row)))
            shape.map, shape.square = whitening.version, float(mapped @ mapped)
        return shape.square


@dataclass
class _Shape:
    """What follows from an entry's vectors."""

    length: float
    #: The map that was used last, and the squared length of the middle under it.
    map: str = ""
    square: float = 0.0


def gather(
    entries: Sequence[LiveEntry],
    memory: VectorMemory,
    sessions: Sessions,
    workspace: WorkspaceId,
    model: str,
    dimension: int,
) -> Candidates:
    """Bring entries and vectors together; entries that the index has not followed, so that a text has no vector, are
    left out."""
    hashes = [text_hash for entry in entries for text_hash in entry.hashes]
    block, known = memory.gather(sessions, workspace, model, dimension, hashes)
    sizes = np.array([len(entry.hashes) for entry in entries], dtype=np.intp)
    if not known.all():
        starts = np.cumsum(sizes) - sizes
        whole = np.array([known[start : start + size].all() for start, size in zip(starts, sizes, strict=True)])
        block = block[np.repeat(whole, sizes)]
        entries = [entry for entry, each in zip(entries, whole, strict=True) if each]
        sizes = sizes[whole]
    return Candidates(tuple(entries), block, sizes, np.cumsum(sizes) - sizes, model)


def _middle(vectors: Vector) -> Vector:
    middle: Vector = vectors[0] if len(vectors) == 1 else vectors.mean(axis=0)
    return middle
