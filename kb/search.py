"""Search: from a question to evidence.

One look at SQL says as of which version of the knowledge base everything that follows holds: what is not live, current
and meant for the readers at that version is dropped *before* anything is compared, so that neither a lagging index nor
a restricted entry changes what is found. Scores come from the vectors and words of the current versions alone; the
index only says where to look. The same knowledge base therefore gives the same evidence, however it came about.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from kb import changes, collections
from kb.calibrations import Calibration, CalibrationMemory
from kb.candidates import Candidates, gather
from kb.collections import Collection
from kb.confidence import COMPARED, SIGNAL_NAMES, Coefficients, exact_claims, measure
from kb.database import Sessions, reading
from kb.embedding import Embedder
from kb.entries import EntryKind, Evidence, Hit
from kb.errors import EmptyQuestion, IndexUnavailable
from kb.features import Question, measured
from kb.ids import EntryId, WorkspaceId
from kb.live_entries import LiveEntries
from kb.points import PointRole, role_of
from kb.question_vectors import QuestionVectors
from kb.ranking import COLUMNS, VOTERS, Numbers, answer_scores
from kb.text import LONGEST_QUESTION, has_words, normalise, stems
from kb.vector_index import VectorIndex
from kb.vector_memory import VectorMemory
from kb.vectors import Vector
from kb.word_likeness import WordLikeness

#: Where the readers may see no more entries of a kind than this, all of them are compared and the index is not asked.
FEW = 64
#: How many wordings the index has to bring: as many as vote. With twice as many no other answer came first, and less
#: could be said surely, because far rivals make the first one look unsure. Of passages it brings so many sentences and
#: headings.
_NEAR: Mapping[EntryKind, int] = {EntryKind.ANSWER: VOTERS, EntryKind.PASSAGE: 40}
#: How many it is asked for at first, and at most.
_FIRST_ASK, _LAST_ASK = 64, 4_096
#: How many entries of each kind are brought in by their words, found by vector or not.
_BY_WORDS = 8
_PASSAGE = COLUMNS.index("passage")
#: How many entries are made ready ahead in one go.
_WARMED = 500


class Search:
    """Answers questions about what is known, over one database and one index."""

    def __init__(self, sessions: Sessions, index: VectorIndex, coefficients: Coefficients) -> None:
        self._sessions = sessions
        self._index = index
        self._calibrations = CalibrationMemory(coefficients)
        self._questions = QuestionVectors()
        self._vectors = VectorMemory()
        self._live: dict[WorkspaceId, LiveEntries] = {}
        self._warmed: set[tuple[WorkspaceId, str]] = set()
        self._lock = Lock()

    def find(
        self, workspace: WorkspaceId, question: str, embedder: Embedder, *, readers: frozenset[str], limit: int | None
    ) -> Evidence:
        """Find evidence for a question.

        Args:
            readers: the audience references that hold for everyone who will read the answer.
            limit: how many hits to return at most; None for the first eight answers and the first eight passages.

        Raises:
            EmptyQuestion: there are no words in it.
            IndexUnavailable: the index is away.
        """
        question = question.strip()
        if not has_words(question):
            raise EmptyQuestion("There are no words in this question to search for.")
        searched = question[:LONGEST_QUESTION]
        vector, ready = self._questions.beside(
            searched, embedder, lambda: self._prepare(workspace, searched, embedder, readers)
        )
        live, calibration = ready.live, ready.calibration
        nominated = ready.nominated
        if ready.many and ready.collection is not None:
            nominated = nominated | self._by_vector(live, vector, readers, ready.many, ready.collection)
        with live.lock:
            compared = live.some(nominated)
        candidates = gather(compared, self._vectors, self._sessions, workspace, embedder.model, embedder.dimension)
        if not len(candidates):
            versions = calibration.ranking, calibration.coefficients.confidence.version
            return Evidence(question, (), 0.0, embedder.model, *versions, knowledge=ready.as_of)
        with live.lock:
            # Words are weighed here, where the texts' are: what was approved meanwhile counts for both or for neither.
            asked = Question(vector, WordLikeness(live.words, ready.stems), normalise(searched))
            features, nearest = measured(asked, candidates, calibration.whitening)
        ranked = _ranked(features, calibration, limit)
        hits = _hits(candidates, features, nearest, ranked)
        return Evidence(
            question,
            hits,
            ranked.sure,
            embedder.model,
            calibration.ranking,
            calibration.coefficients.confidence.version,
            ranked.signals,
            ranked.among_three,
            ready.as_of,
        )

    def _prepare(
        self, workspace: WorkspaceId, searched: str, embedder: Embedder, readers: frozenset[str]
    ) -> "_Prepared":
        """What SQL and words say to a question, which needs no vector."""
        with reading(self._sessions) as session:
            version = changes.kb_version(session, workspace)
            calibration = self._calibrations.current(
                session, workspace, model=embedder.model, dimension=embedder.dimension
            )
            collection = collections.serving(session, workspace, embedder.model)
        with ExitStack() as beside:
            if collection is not None and self._live_of(workspace).is_far_behind(version):
                # The index is opened meanwhile, which takes half as long as to read ten thousand entries. Any vector
                # will do, and where it is away, who needs it later is told.
                opening = beside.enter_context(ThreadPoolExecutor(1, thread_name_prefix="opening"))
                opening.submit(self._index.nearest, collection.name, _any_vector(embedder.dimension), 1)
            live = self._following(workspace, version)
        found = stems(searched)
        return _Prepared(calibration, collection, live, live.version, found, *_by_words(live, found, readers))

    def warm(self, workspace: WorkspaceId, embedder: Embedder, most: int) -> int:
        """Read ahead what searches compare, the newest entries first; how many entries that were.

        Once is enough: what is new later is read by the first search that meets it.

        Args:
            most: how many entries at most.
        """
        with self._lock:
            if (workspace, embedder.model) in self._warmed:
                return 0
            self._warmed.add((workspace, embedder.model))
        with reading(self._sessions) as session:
            version = changes.kb_version(session, workspace)
        live = self._following(workspace, version)
        with live.lock:
            newest = live.newest(most)
        for start in range(0, len(newest), _WARMED):
            part = newest[start : start + _WARMED]
            gather(part, self._vectors, self._sessions, workspace, embedder.model, embedder.dimension)
        return len(newest)

    def vector(self, text: str, embedder: Embedder) -> Vector:
        """The vector of a text, remembered for a while; not to be written to."""
        return self._questions.of(text, embedder)

    def saying(self, workspace: WorkspaceId, answer: str) -> list[EntryId]:
        """The live entries whose answer has these words in this order."""
        with reading(self._sessions) as session:
            version = changes.kb_version(session, workspace)
        live = self._following(workspace, version)
        with live.lock:
            return live.words.saying(stems(answer))

    def calibration(self, workspace: WorkspaceId, embedder: Embedder) -> Calibration:
        """How the workspace ranks and how sure it is, as searches use it now."""
        with reading(self._sessions) as session:
            return self._calibrations.current(session, workspace, model=embedder.model, dimension=embedder.dimension)

    def _live_of(self, workspace: WorkspaceId) -> LiveEntries:
        with self._lock:
            return self._live.setdefault(workspace, LiveEntries())

    def _following(self, workspace: WorkspaceId, version: int) -> LiveEntries:
        live = self._live_of(workspace)
        live.follow(self._sessions, workspace, version)
        return live

    def _by_vector(
        self,
        live: LiveEntries,
        vector: Vector,
        readers: frozenset[str],
        kinds: Sequence[EntryKind],
        collection: Collection,
    ) -> set[EntryId]:
        count = _FIRST_ASK
        while True:
            ids = self._nearest(collection, vector, count)
            found: set[EntryId] = set()
            left = {kind: _NEAR[kind] for kind in kinds}
            with live.lock:
                for point in ids:
                    # What may not be used does not count, so that it cannot displace what may.
                    entry = live.of_point(point, readers)
                    if entry is None or (kind := entry.entry.content.kind) not in left:
                        continue
                    found.add(entry.id)
                    left[kind] -= role_of(point) is not PointRole.ANSWER
                    if not left[kind]:
                        del left[kind]
                        if not left:
                            return found
            if len(ids) < count or count >= _LAST_ASK:
                return found
            count *= 4

    def _nearest(self, collection: Collection, vector: Vector, count: int) -> tuple[str, ...]:
        try:
            return self._index.nearest(collection.name, vector, count)
        except IndexUnavailable:
            # A rebuild may have put a newer generation in this one's place since it was looked up.
            with reading(self._sessions) as session:
                now = collections.serving(session, collection.workspace, collection.model)
            if now is None or now.name == collection.name:
                raise
            return self._index.nearest(now.name, vector, count)


@dataclass(frozen=True)
class _Prepared:
    """What a search rests on besides the vector of its question."""

    calibration: Calibration
    #: What serves the workspace; None where nothing does yet.
    collection: Collection | None
    live: LiveEntries
    #: The version of the knowledge base that all of this is about.
    as_of: int
    #: The stems of the question, in order.
    stems: Sequence[str]
    #: The entries to compare with the question whatever the index brings, and the kinds of which it may bring others.
    nominated: set[EntryId]
    many: list[EntryKind]


def _any_vector(dimension: int) -> Vector:
    vector: Vector = np.zeros(dimension, dtype=np.float32)
    vector[0] = 1.0
    return vector


def _by_words(
    live: LiveEntries, question: Sequence[str], readers: frozenset[str]
) -> tuple[set[EntryId], list[EntryKind]]:
    """The entries to compare with a question that its words tell, and the kinds of which there may be others.

    Args:
        question: its stems, in order.
    """
    many: list[EntryKind] = []
    nominated: set[EntryId] = set()
    with live.lock:
        for kind in EntryKind:
            few = live.words.admitted(readers, kind, FEW)
            if few is not None:
                nominated.update(few)
            else:
                many.append(kind)
                nominated.update(live.words.nominate(question, readers, kind, _BY_WORDS))
    return nominated, many


def _hits(candidates: Candidates, features: Numbers, nearest: NDArray[np.intp], ranked: "_Ranked") -> tuple[Hit, ...]:
    found = []
    for row in ranked.rows:
        live = candidates.entries[row]
        values = zip(COLUMNS, features[row].tolist(), strict=True)
        found.append(
            Hit(
                live.entry,
                round(float(ranked.scores[row]), 6),
                live.near[nearest[row]].text,
                {name: round(value, 6) for name, value in values},
            )
        )
    return tuple(found)


@dataclass(frozen=True)
class _Ranked:
    """What is shown of the candidates, best first, and how sure it is."""

    rows: Sequence[int]
    #: Of all candidates, (n,).
    scores: Numbers
    sure: float
    among_three: float
    signals: Mapping[str, float]


def _ranked(features: Numbers, calibration: Calibration, limit: int | None) -> _Ranked:
    """Order what was found, and say how sure the first answer, or one of the first three, is right."""
    ranking, confidence = calibration.coefficients.ranking, calibration.coefficients.confidence
    is_passage = features[:, _PASSAGE] > 0
    scores = ranking.passage_scores(features) if is_passage.any() else np.zeros(len(features))
    told: dict[str, float] = {}
    sure, among_three = 0.0, 0.0
    answers = np.flatnonzero(~is_passage)
    if len(answers):
        linear = ranking.linear(features[answers])
        # Candidates come in the order of their ids, so equal scores keep one order.
        top = np.argsort(-linear, kind="stable")[:COMPARED]
        there = np.ones((1, len(top)), dtype=bool)
        compared = features[answers[top]]
        novelty = np.array([calibration.coefficients.novelty])
        found = measure(compared[None], there, linear[None, top], novelty, ranking.by_chance)
        sure = confidence.probability(found.signals[0], exact_claims=exact_claims(compared, 0))
        among_three = float(confidence.among_three(np.array([sure]), found.mass)[0])
        scores[answers] = answer_scores(linear, sure)
        told = {name: round(value, 6) for name, value in zip(SIGNAL_NAMES, found.signals[0].tolist(), strict=True)}
    order = np.argsort(-scores, kind="stable").tolist()
    rows = _of_each_kind(order, is_passage.tolist()) if limit is None else order[:limit]
    if is_passage[order[0]]:
        sure = float(scores[order[0]])
    return _Ranked(rows, scores, round(sure, 6), round(among_three, 6), told)


def _of_each_kind(order: Sequence[int], is_passage: Sequence[bool]) -> list[int]:
    """The first answers and the first passages, in one order: many of one kind shall not hide the other."""
    left = {True: COMPARED, False: COMPARED}
    kept = []
    for row in order:
        if left[is_passage[row]]:
            left[is_passage[row]] -= 1
            kept.append(row)
    return kept
