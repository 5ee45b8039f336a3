"""Confidence: the probability that the first hit answers the question rightly. Pure.

A logistic model over a few documented measurements of one search. Nothing in them depends on how large a knowledge base
is or how many topics it has, so that the shipped coefficients, fitted on public question sets, carry over until a
workspace's own feedback refits them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from kb.ranking import COLUMNS, Numbers, Ranking, Weights, logistic

#: What confidence is computed from, in the order of the coefficients; the first ones are the first hit's own features.
SIGNALS: Mapping[str, str] = {
    "nearest": "as in ranking, of the first hit",
    "centroid": "as in ranking, of the first hit",
    "answer": "as in ranking, of the first hit",
    "vote": "as in ranking, of the first hit",
    "keyword": "as in ranking, of the first hit",
    "pairs": "as in ranking, of the first hit",
    "coverage": "as in ranking, of the first hit",
    "margin": "how far the first hit's nearest wording is nearer than any other entry's; 1 where there is no other",
    "lead": "the first hit's share (0 to 1) of a softmax over the scores of all candidates",
    "words": "logarithm of the number of telling words in the question",
}
SIGNAL_NAMES = tuple(SIGNALS)
#: A question that is a wording, word for word, is right unless several entries claim the same wording.
EXACT = 0.98


@dataclass(frozen=True)
class ConfidenceModel:
    """Coefficients of the logistic model."""

    version: str
    #: One per name in `SIGNAL_NAMES`.
    weights: Numbers
    bias: float

    def probability(self, signals: Numbers, *, exact_claims: int) -> float:
        """The probability (0 to 1) that the first hit is right.

        Args:
            signals: (len(SIGNAL_NAMES),).
            exact_claims: how many entries have the question as a wording, where the first hit is one of them; else 0.
        """
        found = float(logistic(np.asarray(signals @ self.weights + self.bias)))
        if exact_claims:
            found = max(found, EXACT) if exact_claims == 1 else min(found, EXACT / exact_claims)
        return found


def signals(best: int, features: Numbers, linear: Numbers, telling_words: int) -> Numbers:
    """The measurements that confidence is computed from.

    Args:
        best: the row of the first hit.
        features: (n, columns) of all candidate answers.
        linear: (n,) linear scores of the same candidates.
        telling_words: how many words of the question are no stop words.
    """
    row = dict(zip(COLUMNS, features[best], strict=True))
    others = np.delete(features[:, COLUMNS.index("nearest")], best)
    row["margin"] = row["nearest"] - float(others.max()) if len(others) else 1.0
    row["lead"] = float(1.0 / np.exp(linear - linear[best]).sum())
    row["words"] = float(np.log1p(telling_words))
    return np.array([row[name] for name in SIGNAL_NAMES])


@dataclass(frozen=True)
class Coefficients:
    """What is shipped: how to rank and how sure to be."""

    ranking: Ranking
    confidence: ConfidenceModel


@cache
def shipped() -> Coefficients:
    """The coefficients that come with the package; `tests/benchmarks/coefficients.py` makes them from public data."""
    return coefficients_from(json.loads(files("kb").joinpath("coefficients.json").read_text()))


def coefficients_from(found: Mapping[str, Mapping[str, object]]) -> Coefficients:
    """Coefficients from their JSON form; a feature that is not named weighs nothing."""
    return Coefficients(
        Ranking(
            str(found["ranking"]["version"]),
            _weights(found["ranking"], "answers"),
            _weights(found["ranking"], "passages"),
        ),
        ConfidenceModel(
            str(found["confidence"]["version"]),
            *_numbers(found["confidence"]["weights"], SIGNAL_NAMES),
        ),
    )


def _weights(found: Mapping[str, object], name: str) -> Weights:
    weights, bias = _numbers(found[name], COLUMNS)
    return Weights(weights, bias)


def _numbers(found: object, names: tuple[str, ...]) -> tuple[Numbers, float]:
    if not isinstance(found, dict) or not found.keys() <= {*names, "bias"}:
        raise ValueError(f"Coefficients must be named after {', '.join(names)} or bias.")
    return np.array([float(found.get(name, 0.0)) for name in names]), float(found.get("bias", 0.0))
