"""Exact search: every point's vector as SQL keeps it, compared in full precision."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select

from kb import collections
from kb.database import reading
from kb.entries import Evidence
from kb.points import entry_of
from kb.tables import VectorRow
from kb.vectors import Vector
from tests.benchmarks.speed.ours import WORKSPACE, Ours

#: Cosines that differ by less are the same: texts may occur twice, and sums depend on their order.
_TIE = 1e-5


@dataclass(frozen=True)
class Exact:
    """All points of a knowledge base."""

    #: The collection that serves.
    collection: str
    #: The points' ids, and the row of `vectors` that is each one's.
    points: tuple[str, ...]
    rows: np.ndarray
    vectors: Vector

    def cosines(self, vector: Vector) -> Vector:
        """Of a question and every point."""
        found: Vector = (self.vectors @ vector)[self.rows]
        return found


def load(ours: Ours) -> Exact:
    """Read what SQL keeps."""
    with reading(ours.sessions) as session:
        collection = collections.serving(session, WORKSPACE, ours.embedder.model)
        if collection is None:
            raise SystemExit("The knowledge base that should be measured is empty.")
        noted = collections.points(session, collection)
        stored = session.execute(
            select(VectorRow.text_hash, VectorRow.vector).where(
                VectorRow.workspace == WORKSPACE, VectorRow.model == ours.embedder.model
            )
        ).all()
    row_of = {text_hash: row for row, (text_hash, _) in enumerate(stored)}
    vectors = np.stack([np.frombuffer(vector, dtype="<f4") for _, vector in stored])
    return Exact(collection.name, tuple(noted), np.array([row_of[each] for each in noted.values()]), vectors)


def first_is_exact(exact: Exact, vector: Vector, evidence: Evidence) -> bool:
    """Whether a search saw first what exact search finds first.

    Exact: the entry that owns the point (question or answer) with the highest cosine of all points. Ours: of *all* that
    the search compared, the entry whose own nearest point, as it was measured, is the nearest. They are the same where
    it is one entry, or where both cosines are equal to five digits. What ranking then makes of it is another matter:
    it may rightly put another entry first.

    Args:
        evidence: of a search without a limit on its hits.
    """
    cosines = exact.cosines(vector)
    best = int(cosines.argmax())
    if not evidence.hits:
        return False
    seen = {hit.entry.id: max(hit.features["nearest"], hit.features["answer"]) for hit in evidence.hits}
    first = max(seen, key=lambda entry: seen[entry])
    return first == entry_of(exact.points[best]) or abs(float(cosines[best]) - seen[first]) < _TIE


def recall(exact: Exact, vector: Vector, found: Sequence[str], count: int = 5) -> float:
    """The share of the `count` nearest points that the index brought first; equally near ones count as well."""
    cosines = exact.cosines(vector)
    least = np.partition(cosines, -count)[-count] - _TIE
    near = {exact.points[row] for row in np.flatnonzero(cosines >= least)}
    return sum(point in near for point in found[:count]) / count
