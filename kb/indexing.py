"""Carrying changes to the vector index: what SQL says, the collection follows.

Every step may be repeated: points are noted in SQL before they are written, changes are marked as followed after they
are, and a writer killed in between is followed by one that does the same again. Texts are embedded outside of any
transaction and only if their vector is not known. Collections follow independently of each other: while one that does
not serve yet is made, the one that serves goes on.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from kb import changes, collections, vectors
from kb.clock import Clock
from kb.collections import Collection
from kb.database import Sessions, reading
from kb.embedding import Embedder
from kb.errors import IndexUnavailable
from kb.ids import IdSource, WorkspaceId
from kb.points import Point, points_of
from kb.vector_index import VectorIndex

#: Called with how many changes are followed and how many there are in all.
Progress = Callable[[int, int], None]

#: How many changes are followed in one go.
BATCH = 256
#: How many texts are embedded between two looks at what serves, while a collection that does not yet is made: few
#: enough that a slow model needs about a second for them.
_SLICE = 16
#: How long to wait for another process that is writing before giving up, and how often to look.
_PATIENCE = timedelta(seconds=90)
_LOOK_EVERY = 0.05


@dataclass(frozen=True)
class Followed:
    """What following some changes did."""

    #: How many changes were followed.
    changes: int = 0
    #: How many texts had to be embedded for it.
    embedded: int = 0

    def __add__(self, other: "Followed") -> "Followed":
        """Both together."""
        return Followed(self.changes + other.changes, self.embedded + other.embedded)


class Indexer:
    """Follows changes into collections, one writer at a time for each."""

    def __init__(self, sessions: Sessions, index: VectorIndex, clock: Clock, ids: IdSource) -> None:
        self._sessions = sessions
        self._index = index
        self._clock = clock
        #: Who this writer is in claims.
        self._name = ids()

    def follow(self, collection: Collection, embedder: Embedder, progress: Progress | None = None) -> Followed:
        """Bring a collection up to date.

        Raises:
            IndexUnavailable: the index is away, or another process has been writing for too long.
        """
        done = Followed()
        # Within this process who follows the same collection waits; between processes the claim decides.
        with self._index.turn(collection.name):
            while True:
                if not self._claimed(collection):
                    return done
                try:
                    step = self._step(collection, embedder)
                finally:
                    self._release(collection)
                done += step
                if step.changes and progress is not None:
                    progress(*self._state(collection))
                # Asked, because a step that lost its claim on the way counts for nothing.
                if not step.changes or not self.lags(collection):
                    return done

    def follow_aside(
        self,
        collection: Collection,
        embedder: Embedder,
        meanwhile: Callable[[], None],
        progress: Progress | None = None,
    ) -> Followed | None:
        """Bring up to date a collection that does not serve yet; None where somebody else is doing so already.

        Args:
            meanwhile: called every few embedded texts, however long the whole takes.

        Raises:
            IndexUnavailable: the index is away.
        """
        turn = self._index.turn(collection.name)
        done = Followed()

        def pause() -> None:
            # Renewed here, because embedding a batch may take longer than a claim lasts.
            self._claim(collection)
            meanwhile()

        # Looked at again after the turn was given back: whoever found it taken meanwhile relies on that.
        while self.lags(collection):
            if not turn.acquire(blocking=False):
                return None
            try:
                while True:
                    if not self._claim(collection):
                        return None
                    step = self._step(collection, embedder, pause)
                    if not step.changes:
                        break
                    done += step
                    if progress is not None:
                        progress(*self._state(collection))
                    meanwhile()
            finally:
                self._release(collection)
                turn.release()
        return done

    def lags(self, collection: Collection) -> bool:
        """Whether there is a change that the collection has not followed."""
        with reading(self._sessions) as session:
            return bool(collections.pending(session, collection, 1))

    def _step(self, collection: Collection, embedder: Embedder, pause: Callable[[], None] | None = None) -> Followed:
        there = bool(collection.applied) and collection.name in self._index.collections()
        if collection.applied and not there:
            # Somebody removed it: what is in the index can always be made again from SQL.
            with self._sessions.begin() as session:
                collections.start_again(session, collection)
        with reading(self._sessions) as session:
            operations = collections.pending(session, collection, BATCH)
            touched = list(dict.fromkeys(each.entry for each in operations))
            entries = changes.current(session, collection.workspace, touched)
            noted = collections.points(session, collection, touched)
        if not there:
            self._index.ensure(collection.name)
        if not operations:
            return Followed()
        wanted = {point.id: point for entry in entries.values() for point in points_of(entry)}
        found, embedded = self._vectors(collection, embedder, list(wanted.values()), pause)
        gone = [point for point in noted if point not in wanted]
        with self._sessions.begin() as session:
            collections.note_points(session, collection, wanted.values())
        if wanted:
            self._index.upsert(collection.name, list(wanted), found)
        if gone:
            self._index.delete(collection.name, gone)
        with self._sessions.begin() as session:
            # Only who still has the claim may say that it is done; otherwise the other writer does all of it again.
            if collections.advance(session, collection, self._name, operations[-1].seq, self._clock()):
                collections.forget_points(session, collection, gone)
        return Followed(len(operations), embedded)

    def _vectors(
        self, collection: Collection, embedder: Embedder, wanted: Sequence[Point], pause: Callable[[], None] | None
    ) -> tuple[vectors.Vector, int]:
        """The vectors of the points (n, dimension), and how many texts had to be embedded."""
        hashes = [point.text_hash for point in wanted]
        with reading(self._sessions) as session:
            known = vectors.known(session, collection.workspace, collection.model, hashes)
        missing = {point.text_hash: point.text for point in wanted if point.text_hash not in known}
        for part in _parts(missing, whole=pause is None):
            made = dict(zip(part, embedder.embed([missing[text_hash] for text_hash in part]), strict=True))
            with self._sessions.begin() as session:
                vectors.remember(session, collection.workspace, collection.model, made)
            known |= made
            if pause is not None:
                pause()
        if not wanted:
            return np.empty((0, collection.dimension), dtype=np.float32), 0
        return np.stack([known[text_hash] for text_hash in hashes]), len(missing)

    def _claimed(self, collection: Collection) -> bool:
        """Wait for the claim; False when meanwhile somebody else has followed everything."""
        deadline = time.monotonic() + _PATIENCE.total_seconds()
        while True:
            if self._claim(collection):
                return True
            if not self.lags(collection):
                return False
            if time.monotonic() > deadline:
                raise IndexUnavailable("Another process has been writing to the vector index for too long; try again.")
            time.sleep(_LOOK_EVERY)

    def _claim(self, collection: Collection) -> bool:
        """Take or renew the claim; False when another process has it, or the collection is gone."""
        with self._sessions.begin() as session:
            return collections.claim(session, collection, self._name, self._clock(), steal=self._index.exclusive)

    def _release(self, collection: Collection) -> None:
        with self._sessions.begin() as session:
            collections.release(session, collection, self._name)

    def _state(self, collection: Collection) -> tuple[int, int]:
        with reading(self._sessions) as session:
            total = changes.kb_version(session, collection.workspace)
            left = [each for each in collections.all_of(session, collection.workspace) if each.name == collection.name]
        return (left[0].applied if left else total), total


def _parts(missing: Mapping[str, str], *, whole: bool) -> Iterator[list[str]]:
    """The hashes of the texts to embed at once: all together, or few, neighbours in length to save padding."""
    if whole:
        yield from filter(None, [list(missing)])
        return
    by_length = sorted(missing, key=lambda text_hash: (len(missing[text_hash]), text_hash))
    for start in range(0, len(by_length), _SLICE):
        yield by_length[start : start + _SLICE]


def collection_for(sessions: Sessions, workspace: WorkspaceId, embedder: Embedder) -> Collection:
    """The collection that serves a workspace with a model; noted as an empty one where there is none yet."""
    with reading(sessions) as session:
        found = collections.serving(session, workspace, embedder.model)
    if found is not None:
        return found
    with sessions.begin() as session:
        collections.make(session, workspace, embedder.model, embedder.dimension, generation=1)
    with reading(sessions) as session:
        found = collections.serving(session, workspace, embedder.model)
    if found is None:
        raise IndexUnavailable(
            f"The collection of workspace {workspace} was removed while it was being made; try again."
        )
    return found
