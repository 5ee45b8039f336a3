"""A bounded memory of the vectors of known texts, so that a search reads from SQL only what it has not seen lately.

A text's vector never changes, so what is here is never stale; whether its entry may be used is not asked here.
"""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from kb import vectors
from kb.database import Sessions, reading
from kb.ids import WorkspaceId
from kb.vectors import Vector

#: How many vectors are kept over all workspaces: about 300 MB at 384 numbers each, and all of 100,000 small entries.
_MOST = 200_000
#: Rows that a workspace begins with; they double.
_FIRST_ROWS = 256


class VectorMemory:
    """Remembers vectors by the hash of their text; safe for several threads."""

    def __init__(self, most: int = _MOST) -> None:
        """Start with none.

        Args:
            most: how many to keep at most; the workspace that was not asked for longest goes first.
        """
        self._most = most
        self._lock = Lock()
        self._kept: OrderedDict[tuple[WorkspaceId, str], _Rows] = OrderedDict()

    def gather(
        self, sessions: Sessions, workspace: WorkspaceId, model: str, dimension: int, hashes: Sequence[str]
    ) -> tuple[Vector, NDArray[np.bool_]]:
        """The vectors of texts, (len(hashes), dimension), and which of them are known, (len(hashes),).

        The row of a text that was never embedded means nothing.
        """
        with self._lock:
            rows = self._rows(workspace, model, dimension)
            where = rows.find(hashes)
            found = rows.matrix[where]
        known = where >= 0
        if known.all():
            return found, known
        unseen = np.flatnonzero(~known).tolist()
        missing = dict.fromkeys(hashes[each] for each in unseen)
        with reading(sessions) as session:
            read = vectors.known(session, workspace, model, missing)
        for each in unseen:
            vector = read.get(hashes[each])
            if vector is not None:
                found[each] = vector
                known[each] = True
        with self._lock:
            self._rows(workspace, model, dimension).put(read)
            self._forget()
        return found, known

    def _rows(self, workspace: WorkspaceId, model: str, dimension: int) -> "_Rows":
        key = (workspace, model)
        if key not in self._kept:
            self._kept[key] = _Rows(dimension)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _forget(self) -> None:
        while sum(len(rows) for rows in self._kept.values()) > self._most:
            if len(self._kept) > 1:
                self._kept.popitem(last=False)
            else:
                next(iter(self._kept.values())).keep_newest(self._most // 2)


class _Rows:
    """The vectors of one workspace, in rows that grow by doubling."""

    def __init__(self, dimension: int) -> None:
        self.matrix: Vector = np.empty((_FIRST_ROWS, dimension), dtype=np.float32)
        self._row_of: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._row_of)

    def find(self, hashes: Sequence[str]) -> NDArray[np.intp]:
        """The row of each text; -1 where it is not kept."""
        return np.fromiter((self._row_of.get(each, -1) for each in hashes), dtype=np.intp, count=len(hashes))

    def put(self, fresh: dict[str, Vector]) -> None:
        for text_hash, vector in fresh.items():
            if text_hash in self._row_of:
                continue
            row = len(self._row_of)
            if row == len(self.matrix):
                self.matrix = np.concatenate([self.matrix, np.empty_like(self.matrix)])
            self.matrix[row] = vector
            self._row_of[text_hash] = row

    def keep_newest(self, count: int) -> None:
        kept = list(self._row_of.items())[-count:]
        self.matrix = self.matrix[[row for _, row in kept]].copy()
        self._row_of = {text_hash: row for row, (text_hash, _) in enumerate(kept)}
