"""Ranking: from what is measured about each candidate to an order and a score. Pure.

Answers and passages are measured with the same names but weighed apart: short questions against wordings want the best
wording, the middle of all wordings and a little of the words; passages want their best sentence, the whole and the
words. Scores of both are probabilities of being the right one, so that one list can hold both: an answer's is its share
of the confidence in the first answer, a passage's is what it is alone and never above one half, because how near a
passage is does not tell whether it answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

#: What is measured about a candidate, in the order of the columns. All lie between -1 and 1 unless said otherwise.
FEATURES: Mapping[str, str] = {
    "nearest": "cosine of the question and the nearest wording (of a passage: the nearest sentence or heading)",
    "centroid": "cosine of the question and the middle of all wordings (of a passage: the whole text)",
    "answer": "cosine of the question and the answer's text",
    "vote": "share of the entry among the twenty nearest wordings and twenty by chance, nearer counting more (0 to 1)",
    "keyword": "weighted cosine of the words of the question and of the best wording (of a passage: BM25 share)",
    "pairs": "cosine of the neighbouring words of the question and of the best wording",
    "coverage": "share of the question's telling words that stand anywhere in the entry (0 to 1)",
    "likelihood": "how much likelier its wordings, if several, have the telling words than entries do (no bounds)",
    "phrasings": "logarithm of the number of wordings, so that well-covered topics can be held back",
    "fit": "minus half the squared distance to the middle of the wordings under the whitening, in hundreds (below 1)",
    "passage": "1 where it is a passage of a document; weighs nothing, so that a record tells the two apart",
    "exact": "1 where a wording is the question, but for case, spacing and punctuation",
}
COLUMNS = tuple(FEATURES)
#: How many of the nearest wordings vote.
VOTERS = 20
#: How sharply nearness counts.
_SHARPNESS = 20.0
#: About the cosine of the nearest of a hundred wordings that have nothing to do with the question.
BY_CHANCE = 0.3
#: What is measured of an answer that has nothing to do with the question; the fit is that of a cosine of 0.3.
_CHANCE = {"nearest": BY_CHANCE, "centroid": BY_CHANCE, "fit": -8.5}
_BY_CHANCE = np.array([_CHANCE.get(name, 0.0) for name in COLUMNS])
#: The most that a passage can score.
PASSAGE_CEILING = 0.5


@dataclass(frozen=True)
class Weights:
    """A linear score and how it becomes a probability."""

    #: One per column of `COLUMNS`.
    weights: Numbers
    #: A candidate alone is right with the probability logistic(scale * linear score + bias).
    scale: float
    bias: float

    def linear(self, features: Numbers) -> Numbers:
        """The linear scores of candidates: (n, columns) to (n,)."""
        found: Numbers = features @ self.weights
        return found

    def probability(self, features: Numbers) -> Numbers:
        """The probabilities of candidates taken alone: (n, columns) to (n,)."""
        return logistic(self.scale * self.linear(features) + self.bias)


@dataclass(frozen=True)
class Ranking:
    """How candidates are ordered; a version names it in every decision."""

    version: str
    #: One per column of `COLUMNS`: the answers' linear score, of which a softmax says which of them is right.
    answers: Numbers
    passages: Weights

    def linear(self, features: Numbers) -> Numbers:
        """The linear scores of answers: (n, columns) to (n,)."""
        found: Numbers = features @ self.answers
        return found

    @property
    def by_chance(self) -> float:
        """The linear score of an answer that has nothing to do with the question."""
        return float(self.answers @ _BY_CHANCE)

    def passage_scores(self, features: Numbers) -> Numbers:
        """The scores (0 to `PASSAGE_CEILING`) of passages: (n, columns) to (n,)."""
        scores: Numbers = PASSAGE_CEILING * self.passages.probability(features)
        return scores


def answer_scores(linear: Numbers, confidence: float) -> Numbers:
    """The scores (0 to 1) of answers: each one's share of the confidence that the first of them is right.

    Args:
        linear: (n,).
        confidence: the probability that the answer with the highest linear score is right.
    """
    shares: Numbers = confidence * np.exp(linear - linear.max())
    return shares


def fits(square: float, products: Numbers, squares: Numbers) -> Numbers:
    """How well a question fits entries' wordings: minus half the squared distance, in hundreds; (n,).

    Args:
        square: the squared length of the question under the whitening.
        products: (n,) of the question and the middle of each one's wordings, both under the whitening.
        squares: (n,) the squared lengths of these middles.
    """
    found: Numbers = (square - 2.0 * products + squares) / -200.0
    return found


def votes(similarities: Numbers, owners: NDArray[np.intp], count: int) -> Numbers:
    """Each candidate's share of the nearest wordings, (count,).

    As many imagined wordings vote that are as near as chance has it: without them the only entry of a new knowledge
    base would win every vote.

    Args:
        similarities: (n,) cosines of texts, in any order.
        owners: (n,) the candidate whose wording it is; `count` where it is no wording, so that it does not vote.
        count: how many candidates there are; one may have no wording.
    """
    voting = np.where(owners < count, similarities, -np.inf)
    # A stable order, so that equal similarities are cut at the same place every time.
    nearest = np.argsort(-voting, kind="stable")[:VOTERS]
    near = voting[nearest]
    if not len(near) or near[0] == -np.inf:
        return np.zeros(count)
    weight = np.exp(_SHARPNESS * (near - near[0]))
    chance = VOTERS * float(np.exp(_SHARPNESS * (BY_CHANCE - near[0])))
    shares = np.zeros(count + 1)
    np.add.at(shares, owners[nearest], weight / (weight.sum() + chance))
    return shares[:count]


def logistic(values: Numbers) -> Numbers:
    """The logistic function, safe for large values."""
    found: Numbers = 0.5 * (1.0 + np.tanh(0.5 * values))
    return found
