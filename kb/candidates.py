"""Candidates: the entries that are compared with one question, with their vectors in one block.

What follows from an entry's own vectors alone (how long the middle of its wordings is, as it stands and under the
workspace's map) is worked out once per version. It never depends on what the entry is compared beside.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np

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
    #: The row at which each entry's vectors begin.
    starts: tuple[int, ...]
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
    def lengths(self) -> Numbers:
        """The length (0 to 1) of the middle of each entry's wordings, (n,)."""
        # The middle of one wording is that wording, and most have one.
        firsts = self.block[np.array(self.starts) + 1]
        found: Numbers = np.sqrt(np.vecdot(firsts, firsts).astype(np.float64))
        for row, entry in enumerate(self.entries):
            if len(entry.near) > 1:
                found[row] = self._shape(row).length
        return found

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
    sizes = [len(entry.hashes) for entry in entries]
    starts = [0, *accumulate(sizes)]
    if not known.all():
        whole = [bool(known[start : start + size].all()) for start, size in zip(starts, sizes, strict=False)]
        rows = np.repeat(whole, sizes)
        block = block[rows]
        entries = [entry for entry, each in zip(entries, whole, strict=True) if each]
        starts = [0, *accumulate(len(entry.hashes) for entry in entries)]
    return Candidates(tuple(entries), block, tuple(starts[:-1]), model)


def _middle(vectors: Vector) -> Vector:
    middle: Vector = vectors[0] if len(vectors) == 1 else vectors.mean(axis=0)
    return middle
