"""Features: what is measured about each candidate for a question, by the names in `kb.ranking`. Pure.

What is found of an entry must not depend on what it is compared beside, but for the vote, which is about just that.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.candidates import Candidates
from kb.ranking import COLUMNS, Numbers, fits, votes
from kb.vectors import Vector
from kb.vocabulary import Packed
from kb.whitening import Whitening
from kb.word_likeness import WordLikeness

#: Only the wordings nearest to the question are compared word by word.
_COMPARED = 6
_COLUMN = {name: place for place, name in enumerate(COLUMNS)}


@dataclass(frozen=True)
class Question:
    """A question made ready for comparison."""

    vector: Vector
    words: WordLikeness
    #: In the form in which two wordings count as the same.
    exact: str


def measured(asked: Question, candidates: Candidates, whitening: Whitening) -> tuple[Numbers, NDArray[np.intp]]:
    """The features of the candidates (n, columns), and for each which of its near texts is nearest (n,)."""
    # One product per vector, because one for all of them may round otherwise.
    cosines = np.vecdot(candidates.block, asked.vector).astype(np.float64)
    near, starts, counts = cosines[candidates.is_near], candidates.near_starts, candidates.sizes - 1
    owners = np.repeat(np.arange(len(candidates)), counts)
    best, answer = np.maximum.reduceat(near, starts), cosines[candidates.starts]
    middle = np.bincount(owners, near) / counts / np.maximum(candidates.lengths, 1e-12)
    passages = candidates.is_passage
    found = np.zeros((len(candidates), len(COLUMNS)))
    found[:, _COLUMN["nearest"]] = best
    found[:, _COLUMN["centroid"]] = np.where(passages, answer, middle)
    found[:, _COLUMN["answer"]] = answer
    found[:, _COLUMN["vote"]] = votes(cosines, candidates.owners, len(candidates))
    found[:, _COLUMN["phrasings"]] = np.where(passages, 0.0, np.log1p(counts - 1))
    found[:, _COLUMN["fit"]] = _fits(asked.vector, candidates, cosines, whitening)
    found[:, _COLUMN["passage"]] = passages
    _put_words(found, asked, candidates, near)
    at_best = np.flatnonzero(near == best[owners])
    nearest = at_best[np.searchsorted(at_best, starts)] - starts
    return found, nearest


def _put_words(found: Numbers, asked: Question, candidates: Candidates, near: Numbers) -> None:
    """Put in what words tell of the candidates: keyword, pairs, coverage, likelihood, exact."""
    words, entries = asked.words, candidates.entries
    found[:, _COLUMN["coverage"]] = words.coverage([each.words.every for each in entries])
    found[:, _COLUMN["exact"]] = [each.is_worded(words.packed, asked.exact) for each in entries]
    answers = np.flatnonzero(~candidates.is_passage)
    if len(answers):
        texts: list[Packed] = []
        firsts = []
        for row in answers.tolist():
            firsts.append(len(texts))
            start = candidates.near_starts[row]
            texts += _nearest(entries[row].words.wordings, near[start : start + candidates.sizes[row] - 1])
        cosines, pairs = words.cosines(texts)
        found[answers, _COLUMN["keyword"]] = np.maximum.reduceat(cosines, firsts)
        found[answers, _COLUMN["pairs"]] = np.maximum.reduceat(pairs, firsts)
    # What one wording says is told by the wording itself.
    many = [row for row in answers.tolist() if len(entries[row].words.wordings) > 1]
    if many:
        found[many, _COLUMN["likelihood"]] = words.likelihood([entries[row].stem_counts for row in many])
    passages = np.flatnonzero(candidates.is_passage)
    if len(passages):
        found[passages, _COLUMN["keyword"]] = words.bm25([entries[row].words.body for row in passages.tolist()])


def _nearest(wordings: Sequence[Packed], cosines: Numbers) -> Sequence[Packed]:
    if len(wordings) <= _COMPARED:
        return wordings
    return [wordings[place] for place in np.argsort(-cosines, kind="stable")[:_COMPARED].tolist()]


def _fits(vector: Vector, candidates: Candidates, cosines: Numbers, whitening: Whitening) -> Numbers:
    """How the question fits each entry's wordings under the map; nothing for passages."""
    if whitening.even is not None:
        square, scale, products = whitening.even**2 * float(vector @ vector), whitening.even**2, cosines
    else:
        mapped = whitening.apply(vector)
        square, scale = float(mapped @ mapped), 1.0
        # The product of question and wording, both under the map, is that of the wording and this.
        products = np.vecdot(candidates.block, mapped @ whitening.matrix.T).astype(np.float64)
    count = len(candidates)
    sums = np.bincount(candidates.owners, products, minlength=count + 1)[:count]
    wordings = np.bincount(candidates.owners, minlength=count + 1)[:count]
    found = fits(square, scale * sums / np.maximum(wordings, 1), candidates.squares(whitening))
    found[candidates.is_passage] = 0.0
    return found
