"""Confidence: the probability that the first answer is right, and that one of the first three is. Pure.

A logistic model over a few documented measurements of one search. Nothing in them depends on how large a knowledge base
is or how many topics it has, so that the shipped coefficients, fitted on public question sets, carry over until a
workspace's own labels refit them (`kb.calibration`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.ranking import BY_CHANCE, COLUMNS, Numbers, Ranking, Weights, logistic

#: What confidence is computed from, in the order of the coefficients.
SIGNALS: Mapping[str, str] = {
    "lead": "log odds of the first answer's share in a softmax over the linear scores of all answers",
    "margin": "how far its linear score is above the next one's, at most fifteen; five where there is no other",
    "nearest": "cosine of the question and the first answer's nearest wording",
    "centroid": "cosine of the question and the middle of the first answer's wordings",
    "answer": "cosine of the question and the first answer's text",
    "vote": "share of the first answer among the twenty nearest wordings (0 to 1)",
    "keyword": "weighted cosine of the words of the question and of the first answer's best wording",
    "coverage": "share of the question's telling words that stand anywhere in the first answer's entry (0 to 1)",
    "ahead": "how much nearer its nearest wording is than any other entry's, or than what is near by chance",
    "centroid_ahead": "the same for the middle of its wordings",
    "phrasings": "logarithm of the number of its wordings",
    "rivals": "the same of the other answers that are compared, on average; zero where there is no other",
    "agreement": "how many of nearest, centroid, keyword and fit put it first (0 to 4)",
    "novelty": "log odds of the share of recent questions that nothing known answered",
}
SIGNAL_NAMES = tuple(SIGNALS)
#: A question that is a wording, word for word, is right unless several entries claim the same wording.
EXACT = 0.98
#: How many answers are compared, and how many are offered.
COMPARED, OFFERED = 8, 3
#: The share of questions that nothing known answers, while a workspace has not shown its own.
NOVELTY = 0.3
#: Log odds from which a workspace's own labels may make the confidence rise faster or slower: what is said alone lies
#: above, what labels speak of most lies below, and what is true there need not be true here.
KNOT = 1.5
_MOST_MARGIN, _ALONE = 15.0, 5.0
#: Where shares are cut before their log odds are taken.
_EDGE = 0.003
_EXACT = COLUMNS.index("exact")
#: What may agree that an answer comes first, and which of it says how far it is ahead.
_AGREEING = np.array([COLUMNS.index(name) for name in ("nearest", "centroid", "keyword", "fit")])
_AHEAD = slice(0, 2)
_LEADING = _AGREEING[_AHEAD]
_COPIED = np.array([COLUMNS.index(name) for name in ("nearest", "centroid", "answer", "vote", "keyword", "coverage")])
_PHRASINGS = COLUMNS.index("phrasings")


@dataclass(frozen=True)
class ConfidenceModel:
    """Coefficients of the logistic models, in units of each measurement's spread."""

    version: str
    #: One per name in `SIGNAL_NAMES`.
    weights: Numbers
    bias: float
    #: Of the measurements on the public question sets: (len(SIGNAL_NAMES),) each.
    middle: Numbers
    spread: Numbers
    #: For 'one of the first three is right': of the log odds of the confidence, of the log share of three, and alone.
    three: Numbers
    #: How much faster the log odds rise above `KNOT`; more than -1.
    above: float = 0.0

    def odds(self, signals: Numbers) -> Numbers:
        """Log odds that the first answer is right: (…, len(SIGNAL_NAMES)) to (…)."""
        below: Numbers = ((signals - self.middle) / self.spread) @ self.weights + self.bias
        found: Numbers = below + self.above * np.maximum(below - KNOT, 0.0)
        return found

    def probability(self, signals: Numbers, *, exact_claims: int) -> float:
        """The probability (0 to 1) that the first answer is right.

        Args:
            signals: (len(SIGNAL_NAMES),).
            exact_claims: how many entries have the question as a wording, where the first is one of them; else 0.
        """
        found = float(logistic(np.asarray(self.odds(signals))))
        if exact_claims:
            found = max(found, EXACT) if exact_claims == 1 else min(found, EXACT / exact_claims)
        return found

    def among_three(self, confidence: Numbers, mass: Numbers) -> Numbers:
        """The probability (0 to 1) that one of the first three answers is right; at least the confidence.

        Args:
            confidence: (…) that the first is.
            mass: (…) the log of the softmax share of the first three over that of the first, 0 to log 3.
        """
        found: Numbers = np.maximum(confidence, logistic(three_inputs(confidence, mass) @ self.three))
        return found


@dataclass(frozen=True)
class Measured:
    """What confidence is computed from, for n searches."""

    #: (n, len(SIGNAL_NAMES))
    signals: Numbers
    #: The row of the first answer, (n,).
    first: NDArray[np.int64]
    #: The rows of the first three, (n, 3) or fewer where fewer are compared.
    three: NDArray[np.int64]
    #: The log of the softmax share of the first three over that of the first, (n,).
    mass: Numbers


def measure(
    features: Numbers, there: NDArray[np.bool_], linear: Numbers, novelty: Numbers, by_chance: float
) -> Measured:
    """The measurements of searches.

    Args:
        features: (n, candidates, columns) of answers.
        there: (n, candidates): False where a search has fewer; the first candidate is always there.
        linear: (n, candidates) linear scores.
        novelty: (n,) the share (0 to 1) of recent questions that nothing known answered.
        by_chance: the linear score of what has nothing to do with the question: the rival of an answer that has none.
    """
    rows = np.arange(len(features))
    scores = np.where(there, linear, -np.inf)
    order = np.argsort(-scores, axis=1, kind="stable")
    first = order[:, 0]
    best = scores[rows, first]
    shares = np.exp(scores - best[:, None])
    mine = features[rows, first]
    alone = there.sum(axis=1) < 2
    rival = np.where(alone, np.exp(np.minimum(by_chance - best, 50.0)), 0.0)
    second = order[:, min(1, order.shape[1] - 1)]
    margin = np.where(alone, _ALONE, np.minimum(best - scores[rows, second], _MOST_MARGIN))
    compared = np.where(there[:, :, None], features[:, :, _AGREEING], -np.inf)
    agreement = (compared.argmax(axis=1) == first[:, None]).sum(axis=1)
    others = compared[:, :, _AHEAD]
    others[rows, first] = -np.inf
    ahead = mine[:, _LEADING] - np.maximum(others.max(axis=1), BY_CHANCE)
    lead = log_odds(1.0 / (shares.sum(axis=1) + rival))
    worded = np.where(there, features[:, :, _PHRASINGS], 0.0)
    rivals = (worded.sum(axis=1) - worded[rows, first]) / np.maximum(there.sum(axis=1) - 1, 1)
    # In the order of `SIGNALS`.
    columns = [
        lead[:, None],
        margin[:, None],
        mine[:, _COPIED],
        ahead,
        mine[:, _PHRASINGS, None],
        rivals[:, None],
        agreement[:, None],
        log_odds(novelty)[:, None],
    ]
    signals = np.concatenate(columns, axis=1)
    three = order[:, :OFFERED]
    mass = np.log(shares[rows[:, None], three].sum(axis=1))
    return Measured(signals, first, three, mass)


def log_odds(shares: Numbers) -> Numbers:
    """The log odds of shares, cut near 0 and 1."""
    cut = np.minimum(np.maximum(shares, _EDGE), 1.0 - _EDGE)
    found: Numbers = np.log(cut / (1.0 - cut))
    return found


def three_inputs(confidence: Numbers, mass: Numbers) -> Numbers:
    """What 'one of the first three is right' is computed from: (…) twice to (…, 3)."""
    sure = np.minimum(np.maximum(confidence, 1e-4), 1.0 - 1e-4)
    return np.stack([np.log(sure / (1.0 - sure)), mass, np.ones_like(mass)], axis=-1)


def exact_claims(features: Numbers, first: int) -> int:
    """How many answers have the question as a wording, where the first does; else 0.

    Args:
        features: (candidates, columns).
        first: the row of the first answer.
    """
    exact = features[:, _EXACT]
    return int(exact.sum()) if exact[first] else 0


@dataclass(frozen=True)
class Coefficients:
    """How to rank and how sure to be: what is shipped, or what a workspace's labels have made of it."""

    ranking: Ranking
    confidence: ConfidenceModel
    #: The share (0 to 1) of recent questions that nothing known answered.
    novelty: float = NOVELTY


@cache
def shipped() -> Coefficients:
    """The coefficients that come with the package; `tests/benchmarks/coefficients.py` makes them from public data."""
    return coefficients_from(json.loads(files("kb").joinpath("coefficients.json").read_text()))


def coefficients_from(found: Mapping[str, Any]) -> Coefficients:
    """Coefficients from their JSON form; a feature that is not named weighs nothing.

    Raises:
        ValueError: a measurement is named that does not exist.
    """
    ranking, confidence = found["ranking"], found["confidence"]
    passages = ranking["passages"]
    return Coefficients(
        Ranking(
            ranking["version"],
            _numbers(ranking["answers"]["weights"], COLUMNS),
            Weights(_numbers(passages["weights"], COLUMNS), passages["scale"], passages["bias"]),
        ),
        ConfidenceModel(
            confidence["version"],
            _numbers(confidence["weights"], SIGNAL_NAMES),
            confidence["bias"],
            _numbers(confidence["middle"], SIGNAL_NAMES),
            _numbers(confidence["spread"], SIGNAL_NAMES, default=1.0),
            np.array([float(value) for value in confidence["three"]]),
            float(confidence.get("above", 0.0)),
        ),
        float(found.get("novelty", NOVELTY)),
    )


def coefficients_to(given: Coefficients) -> dict[str, Any]:
    """The JSON form of coefficients, which `coefficients_from` reads."""
    ranking, confidence = given.ranking, given.confidence
    return {
        "ranking": {
            "version": ranking.version,
            "answers": {"weights": _named(COLUMNS, ranking.answers)},
            "passages": {
                "weights": _named(COLUMNS, ranking.passages.weights),
                "scale": ranking.passages.scale,
                "bias": ranking.passages.bias,
            },
        },
        "confidence": {
            "version": confidence.version,
            "weights": _named(SIGNAL_NAMES, confidence.weights),
            "bias": confidence.bias,
            "middle": _named(SIGNAL_NAMES, confidence.middle),
            "spread": _named(SIGNAL_NAMES, confidence.spread),
            "three": [float(value) for value in confidence.three],
            "above": confidence.above,
        },
        "novelty": given.novelty,
    }


def _named(names: tuple[str, ...], values: Numbers) -> dict[str, float]:
    return {name: float(value) for name, value in zip(names, values, strict=True)}


def _numbers(found: Mapping[str, float], names: tuple[str, ...], default: float = 0.0) -> Numbers:
    unknown = found.keys() - set(names)
    if unknown:
        raise ValueError(f"There are no measurements named {', '.join(sorted(unknown))}.")
    return np.array([float(found.get(name, default)) for name in names])
