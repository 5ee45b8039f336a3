"""SQL is the truth: the index is made anew from it and compared with it."""

from dataclasses import dataclass
from itertools import islice

import numpy as np

from kb import changes, collections, vectors
from kb.clock import Clock
from kb.collections import Collection
from kb.database import Sessions, reading
from kb.embedding import Embedder
from kb.entries import EntryStatus
from kb.ids import WorkspaceId
from kb.indexing import Indexer, Progress, collection_for
from kb.points import points_of
from kb.vector_index import VectorIndex

#: How far a stored number may be from the one in SQL; Chroma keeps vectors of unit length in 32 bits.
_TOLERANCE = 1e-4
_BATCH = 2_000


@dataclass(frozen=True)
class RebuildReport:
    """What a rebuild made."""

    #: The new collection's name in the index.
    collection: str
    #: Live entries, and points in the collection.
    entries: int
    points: int
    #: Texts that had to be embedded because SQL had no vector for them; 0 unless the model is new.
    embedded: int


@dataclass(frozen=True)
class VerifyReport:
    """How a collection compares with SQL."""

    #: The collection's name in the index.
    collection: str
    #: Points that should be there.
    points: int
    #: Changes that the collection has not followed yet; they explain some of what follows.
    pending: int
    #: Ids of points that should be there and are not, that are and should not be, and whose vector differs.
    missing: tuple[str, ...]
    surplus: tuple[str, ...]
    differing: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether the collection holds exactly what it should."""
        return not (self.pending or self.missing or self.surplus or self.differing)


def rebuild(
    sessions: Sessions,
    index: VectorIndex,
    indexer: Indexer,
    embedder: Embedder,
    workspace: WorkspaceId,
    progress: Progress | None,
    clock: Clock,
) -> RebuildReport:
    """Make the next generation of the collection from SQL; the present one serves until it is complete.

    Raises:
        IndexUnavailable: the index is away; calling again goes on where this stopped.
    """
    before = collection_for(sessions, workspace, embedder)
    with reading(sessions) as session:
        newest = collections.all_of(session, workspace, embedder.model)[0]
    # A rebuild that was cut off left an incomplete generation: it is finished, not started again.
    generation = newest.generation + 1 if newest.ready or newest == before else newest.generation
    with sessions.begin() as session:
        collections.make(session, workspace, embedder.model, embedder.dimension, generation)
    with reading(sessions) as session:
        made = collections.all_of(session, workspace, embedder.model)[0]
    followed = indexer.follow(made, embedder, progress)
    with sessions.begin() as session:
        collections.mark_ready(session, made, clock())
    _drop_older(sessions, index, made)
    with reading(sessions) as session:
        points = len(collections.points(session, made))
        entries = changes.count(session, workspace, EntryStatus.LIVE)
    return RebuildReport(made.name, entries, points, followed.embedded)


def verify(sessions: Sessions, index: VectorIndex, embedder: Embedder, workspace: WorkspaceId) -> VerifyReport:
    """Compare the serving collection with SQL.

    Raises:
        IndexUnavailable: the index is away.
    """
    collection = collection_for(sessions, workspace, embedder)
    with reading(sessions) as session:
        pending = changes.kb_version(session, workspace) - collection.applied
        live = changes.entries(session, workspace, status=EntryStatus.LIVE)
    expected = {point.id: point.text_hash for entry in live for point in points_of(entry)}
    present = index.ids(collection.name)
    differing = _differing(sessions, index, collection, {p: h for p, h in expected.items() if p in present})
    return VerifyReport(
        collection.name,
        len(expected),
        pending,
        tuple(sorted(expected.keys() - present)),
        tuple(sorted(present - expected.keys())),
        differing,
    )


def _differing(
    sessions: Sessions, index: VectorIndex, collection: Collection, expected: dict[str, str]
) -> tuple[str, ...]:
    found: list[str] = []
    rest = iter(sorted(expected))
    while batch := list(islice(rest, _BATCH)):
        stored = index.vectors(collection.name, batch)
        with reading(sessions) as session:
            known = vectors.known(session, collection.workspace, collection.model, (expected[p] for p in batch))
        for point in batch:
            truth, there = known.get(expected[point]), stored.get(point)
            if truth is None or there is None or np.abs(truth - there).max() > _TOLERANCE:
                found.append(point)
    return tuple(found)


def _drop_older(sessions: Sessions, index: VectorIndex, made: Collection) -> None:
    with reading(sessions) as session:
        found = collections.all_of(session, made.workspace, made.model)
    for each in found:
        if each.generation < made.generation:
            # Not under the hands of who lets it follow, who would make it again.
            with index.turn(each.name):
                index.drop(each.name)
                with sessions.begin() as session:
                    collections.remove(session, each)
