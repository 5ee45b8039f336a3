"""Features: what is measured about each candidate for a question, by the names in `kb.ranking`. Pure.

What is found of an entry must not depend on what it is compared beside, but for the vote, which is about just that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p

import numpy as np

from kb.candidates import Candidates
from kb.keywords import Bag, KeywordIndex
from kb.ranking import COLUMNS, Numbers, fits, votes
from kb.vectors import Vector
from kb.whitening import Whitening

#: Only the wordings nearest to the question are compared word by word.
_COMPARED = 6
_VOTE, _FIT = COLUMNS.index("vote"), COLUMNS.index("fit")


@dataclass(frozen=True)
class Question:
    """A question made ready for comparison."""

    vector: Vector
    bag: Bag
    #: In the form in which two wordings count as the same.
    exact: str


def measured(
    asked: Question, candidates: Candidates, words: KeywordIndex, whitening: Whitening
) -> tuple[Numbers, list[int]]:
    """The features of the candidates (n, columns), and for each which of its near texts is nearest."""
    # One product per vector, because one for all of them may round otherwise.
    cosines = np.vecdot(candidates.block, asked.vector).astype(np.float64)
    every = cosines.tolist()
    lengths = candidates.lengths.tolist()
    weighed = words.against(asked.bag)
    rows: list[tuple[float, ...]] = []
    nearest: list[int] = []
    for entry, start, length in zip(candidates.entries, candidates.starts.tolist(), lengths, strict=True):
        until = start + 1 + len(entry.near)
        answer, mine = every[start], every[start + 1 : until]
        best = max(mine)
        nearest.append(mine.index(best))
        if entry.is_passage:
            centroid, keyword, pairs, phrasings = answer, weighed.bm25(entry.words.body), 0.0, 0.0
        else:
            centroid = sum(mine) / len(mine) / max(length, 1e-12)
            keyword, pairs = weighed.likeness(_nearest_bags(entry.words.wordings, mine))
            phrasings = log1p(len(mine) - 1)
        coverage, exact = weighed.coverage(entry.words.vocabulary), entry.is_worded(asked.bag, asked.exact)
        # In the order of `COLUMNS`; the vote and the fit are worked out for all at once.
        rows.append((best, centroid, answer, 0.0, keyword, pairs, coverage, phrasings, 0.0, entry.is_passage, exact))
    found = np.array(rows, dtype=np.float64)
    found[:, _VOTE] = votes(cosines, candidates.owners, len(candidates))
    found[:, _FIT] = _fits(asked.vector, candidates, cosines, whitening)
    return found, nearest


def _nearest_bags(bags: Sequence[Bag], cosines: Sequence[float]) -> Sequence[Bag]:
    if len(bags) <= _COMPARED:
        return bags
    order = sorted(range(len(cosines)), key=[-value for value in cosines].__getitem__)
    return [bags[index] for index in order[:_COMPARED]]


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
