"""Search: from a question to evidence.

What was found is loaded from SQL and dropped unless it is live, current, and meant for the readers, *before* anything
is compared, so that neither a lagging index nor a restricted entry changes what is found. Scores come from the vectors
and words of the current versions alone; the index only says where to look. The same knowledge base therefore gives the
same evidence, however it came about.
"""

from collections.abc import Sequence
from itertools import accumulate
from math import log1p
from threading import Lock

import numpy as np

from kb import changes, collections
from kb.calibrations import Calibration, CalibrationMemory
from kb.candidates import Candidate, CandidateMemory
from kb.collections import Collection
from kb.confidence import COMPARED, SIGNAL_NAMES, Coefficients, exact_claims, measure
from kb.database import Sessions, reading
from kb.embedding import Embedder
from kb.entries import EntryKind, EntryStatus, Evidence, Hit
from kb.errors import EmptyQuestion, IndexUnavailable
from kb.ids import EntryId, WorkspaceId
from kb.keywords import Bag, KeywordIndex, bag_of, pair_overlap, words_of
from kb.points import entry_of
from kb.question_vectors import QuestionVectors
from kb.ranking import COLUMNS, Numbers, answer_scores, fits, votes
from kb.text import LONGEST_QUESTION, has_words, normalise
from kb.vector_index import VectorIndex
from kb.vectors import Vector
from kb.whitening import Whitening

#: Where the readers may see no more entries of a kind than this, all of them are compared and the index is not asked.
FEW = 64
#: How many points of each kind the index has to bring, how many it is asked for at first, and at most.
_POINTS, _FIRST_ASK, _LAST_ASK = 40, 64, 4_096
#: How many entries of each kind are brought in by their words, found by vector or not.
_BY_WORDS = 8
#: Only the wordings nearest to the question are compared word by word.
_COMPARED = 6
_VOTE, _FIT = COLUMNS.index("vote"), COLUMNS.index("fit")


class Search:
    """Answers questions about what is known, over one database and one index."""

    def __init__(self, sessions: Sessions, index: VectorIndex, coefficients: Coefficients) -> None:
        self._sessions = sessions
        self._index = index
        self._calibrations = CalibrationMemory(coefficients)
        self._memory = CandidateMemory()
        self._vectors = QuestionVectors()
        self._words: dict[WorkspaceId, _WordsOfWorkspace] = {}
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
        vector = self._vectors.of(searched, embedder)
        words = self._words_of(workspace)
        pool = _Pool(self._sessions, self._index, self._memory, words, workspace, embedder.model, readers)
        asked = _Question(searched, vector, bag_of(searched))
        candidates = pool.candidates(asked)
        with reading(self._sessions) as session:
            calibration = self._calibrations.current(
                session, workspace, model=embedder.model, dimension=embedder.dimension
            )
        if not candidates:
            versions = calibration.ranking, calibration.coefficients.confidence.version
            return Evidence(question, (), 0.0, embedder.model, *versions)
        with words.lock:
            features, nearest = _measure(asked, candidates, words, calibration)
        return _evidence(question, candidates, features, nearest, calibration, embedder.model, limit)

    def saying(self, workspace: WorkspaceId, answer: str) -> list[EntryId]:
        """The live entries whose answer has these words in this order."""
        words = self._words_of(workspace)
        with words.lock:
            return words.saying(bag_of(answer))

    def calibration(self, workspace: WorkspaceId, embedder: Embedder) -> Calibration:
        """How the workspace ranks and how sure it is, as searches use it now."""
        with reading(self._sessions) as session:
            return self._calibrations.current(session, workspace, model=embedder.model, dimension=embedder.dimension)

    def _words_of(self, workspace: WorkspaceId) -> KeywordIndex:
        with self._lock:
            words = self._words.setdefault(workspace, _WordsOfWorkspace())
        words.catch_up(self._sessions, workspace)
        return words.index


class _Question:
    """A question made ready for comparison."""

    def __init__(self, text: str, vector: Vector, bag: Bag) -> None:
        self.vector = vector
        self.bag = bag
        self.exact = normalise(text)


class _WordsOfWorkspace:
    """The keyword index of a workspace and how far it has followed the changes."""

    def __init__(self) -> None:
        self.index = KeywordIndex()
        self._followed = 0
        self._catching_up = Lock()

    def catch_up(self, sessions: Sessions, workspace: WorkspaceId) -> None:
        with reading(sessions) as session:
            if changes.kb_version(session, workspace) == self._followed:
                return
        with self._catching_up:
            with reading(sessions) as session:
                version = changes.kb_version(session, workspace)
                changed = changes.changed_since(session, workspace, self._followed)
            read = [(entry.id, words_of(entry) if entry.status is EntryStatus.LIVE else None) for entry in changed]
            with self.index.lock:
                for entry, words in read:
                    if words is None:
                        self.index.remove(entry)
                    else:
                        self.index.put(entry, words)
            self._followed = version


class _Pool:
    """Gathers the candidates of one question."""

    def __init__(
        self,
        sessions: Sessions,
        index: VectorIndex,
        memory: CandidateMemory,
        words: KeywordIndex,
        workspace: WorkspaceId,
        model: str,
        readers: frozenset[str],
    ) -> None:
        self._sessions = sessions
        self._index = index
        self._memory = memory
        self._words = words
        self._workspace = workspace
        self._model = model
        self._readers = readers
        self._loaded: dict[EntryId, Candidate] = {}
        self._refused: set[EntryId] = set()

    def candidates(self, asked: _Question) -> list[Candidate]:
        """The entries to compare with the question, in the order of their ids."""
        nominated: set[EntryId] = set()
        many: list[EntryKind] = []
        with self._words.lock:
            for kind in EntryKind:
                few = self._words.admitted(self._readers, kind, FEW)
                if few is not None:
                    nominated.update(few)
                else:
                    many.append(kind)
                    nominated.update(self._words.nominate(asked.bag, self._readers, kind, _BY_WORDS))
        if many:
            nominated |= self._by_vector(asked.vector, many)
        self._load(nominated)
        return [self._loaded[entry] for entry in sorted(nominated) if entry in self._loaded]

    def _by_vector(self, vector: Vector, kinds: Sequence[EntryKind]) -> set[EntryId]:
        with reading(self._sessions) as session:
            collection = collections.serving(session, self._workspace, self._model)
        if collection is None:
            return set()
        count = _FIRST_ASK
        while True:
            ids = self._nearest(collection, vector, count)
            self._load({entry_of(point) for point in ids})
            # What may not be used does not count, so that it cannot displace what may.
            usable = [point for point in ids if self._usable(point)]
            found = {kind: [point for point in usable if self._kind(point) is kind] for kind in kinds}
            enough = all(len(points) >= _POINTS for points in found.values())
            if enough or len(ids) < count or count >= _LAST_ASK:
                return {entry_of(point) for points in found.values() for point in points[:_POINTS]}
            count *= 4

    def _nearest(self, collection: Collection, vector: Vector, count: int) -> tuple[str, ...]:
        try:
            return self._index.nearest(collection.name, vector, count)
        except IndexUnavailable:
            # A rebuild may have put a newer generation in this one's place since it was looked up.
            with reading(self._sessions) as session:
                now = collections.serving(session, self._workspace, self._model)
            if now is None or now.name == collection.name:
                raise
            return self._index.nearest(now.name, vector, count)

    def _load(self, entries: set[EntryId]) -> None:
        fresh = sorted(entry for entry in entries if entry not in self._loaded and entry not in self._refused)
        if not fresh:
            return
        with reading(self._sessions) as session:
            live = changes.live_versions(session, self._workspace, fresh)
            ready = self._memory.load(session, self._workspace, self._model, live)
        for entry in fresh:
            candidate = ready.get(entry)
            if candidate is not None and candidate.entry.content.audience.admits(self._readers):
                self._loaded[entry] = candidate
            else:
                self._refused.add(entry)

    def _usable(self, point: str) -> bool:
        candidate = self._loaded.get(entry_of(point))
        return candidate is not None and point in candidate.points

    def _kind(self, point: str) -> EntryKind:
        return self._loaded[entry_of(point)].entry.content.kind


def _evidence(
    question: str,
    candidates: Sequence[Candidate],
    features: Numbers,
    nearest: Sequence[int],
    calibration: Calibration,
    model: str,
    limit: int | None,
) -> Evidence:
    """Order what was found, and say how sure the first answer, or one of the first three, is right."""
    ranking, confidence = calibration.coefficients.ranking, calibration.coefficients.confidence
    is_passage = np.array([each.is_passage for each in candidates])
    scores = ranking.passage_scores(features)
    told: dict[str, float] = {}
    sure, among_three = 0.0, 0.0
    answers = np.flatnonzero(~is_passage)
    if len(answers):
        linear = ranking.linear(features[answers])
        # Candidates come in the order of their ids, so equal scores keep one order.
        top = answers[np.argsort(-linear, kind="stable")[:COMPARED]]
        there = np.ones((1, len(top)), dtype=bool)
        compared = features[top]
        novelty = np.array([calibration.coefficients.novelty])
        measured = measure(compared[None], there, ranking.linear(compared)[None], novelty, ranking.by_chance)
        sure = confidence.probability(measured.signals[0], exact_claims=exact_claims(compared, 0))
        among_three = float(confidence.among_three(np.array([sure]), measured.mass)[0])
        scores[answers] = answer_scores(linear, sure)
        told = {name: round(float(value), 6) for name, value in zip(SIGNAL_NAMES, measured.signals[0], strict=True)}
    order = [int(row) for row in np.argsort(-scores, kind="stable")]
    kept = _of_each_kind(order, is_passage) if limit is None else order[:limit]
    hits = tuple(
        Hit(
            candidates[row].entry,
            round(float(scores[row]), 6),
            candidates[row].texts[nearest[row]],
            {name: round(float(value), 6) for name, value in zip(COLUMNS, features[row], strict=True)},
        )
        for row in kept
    )
    if is_passage[order[0]]:
        sure = float(scores[order[0]])
    return Evidence(
        question,
        hits,
        round(sure, 6),
        model,
        calibration.ranking,
        confidence.version,
        told,
        round(among_three, 6),
    )


def _of_each_kind(order: Sequence[int], is_passage: np.ndarray) -> list[int]:
    """The first answers and the first passages, in one order: many of one kind shall not hide the other."""
    left = {True: COMPARED, False: COMPARED}
    kept = []
    for row in order:
        kind = bool(is_passage[row])
        if left[kind]:
            left[kind] -= 1
            kept.append(row)
    return kept


def _measure(
    asked: _Question, candidates: Sequence[Candidate], words: KeywordIndex, calibration: Calibration
) -> tuple[Numbers, list[int]]:
    """The features of the candidates (n, columns), and for each which of its texts is nearest."""
    cosines, starts = _cosines(asked.vector, candidates)
    weighed = words.against(asked.bag)
    found = np.empty((len(candidates), len(COLUMNS)))
    near, wordings = [], []
    for row, (each, start) in enumerate(zip(candidates, starts, strict=True)):
        values = cosines[start : start + len(each.block)].tolist()
        centroid, answer, *mine = values
        best = max(mine)
        near.append(mine.index(best))
        if each.is_passage:
            keyword, pairs, phrasings = weighed.bm25(each.words.body), 0.0, 0.0
            wordings.append(np.empty(0))
        else:
            bags = each.words.wordings
            if len(bags) > _COMPARED:
                nearest = sorted(range(len(mine)), key=[-value for value in mine].__getitem__)[:_COMPARED]
                bags = tuple(bags[index] for index in nearest)
            keyword, pairs, phrasings = weighed.cosine(bags), pair_overlap(asked.bag, bags), log1p(len(mine) - 1)
            wordings.append(cosines[start + 2 : start + len(each.block)])
        coverage, exact = weighed.coverage(each.words.vocabulary), asked.exact in each.exact
        # In the order of `COLUMNS`; the vote and the fit are worked out for all at once.
        found[row] = best, centroid, answer, 0.0, keyword, pairs, coverage, phrasings, 0.0, each.is_passage, exact
    found[:, _VOTE] = votes(wordings)
    found[:, _FIT] = _fits(asked.vector, candidates, calibration.whitening)
    return found, near


def _cosines(vector: Vector, candidates: Sequence[Candidate]) -> tuple[Numbers, list[int]]:
    """The cosines of the question and all that belongs to the candidates, and where each one's begin."""
    starts = [0, *accumulate(len(each.block) for each in candidates)][:-1]
    # One product per vector: what is found of a text must not depend on what it is compared beside.
    every = np.vecdot(np.concatenate([each.block for each in candidates]), vector)
    return every.astype(np.float64), starts


def _fits(vector: Vector, candidates: Sequence[Candidate], whitening: Whitening) -> Numbers:
    found = fits(whitening.apply(vector) - np.stack([each.mapped(whitening) for each in candidates]))
    found[[each.is_passage for each in candidates]] = 0.0
    return found
