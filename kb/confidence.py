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
from typing import Any

import numpy as np

from kb.ranking import BY_CHANCE, COLUMNS, Numbers, Ranking, Weights, logistic

#: What confidence is computed from, in the order of the coefficients.
SIGNALS: Mapping[str, str] = {
    "nearest": "cosine of the question and the first hit's nearest wording",
    "centroid": "cosine of the question and the middle of the first hit's wordings",
    "vote": "share of the first hit among the twenty nearest wordings (0 to 1)",
    "coverage": "share of the question's telling words that stand anywhere in the first hit (0 to 1)",
    "margin": "how much nearer its nearest wording is than any other entry's, or than what is near by chance",
    "lead": "share of the first hit in a softmax over the linear scores of all candidates (0 to 1)",
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


def signals(best: int, features: Numbers, linear: Numbers) -> Numbers:
    """The measurements that confidence is computed from, (len(SIGNAL_NAMES),).

    Args:
        best: the row of the first hit.
        features: (n, columns) of all candidate answers.
        linear: (n,) linear scores of the same candidates.
    """
    row = dict(zip(COLUMNS, features[best], strict=True))
    others = np.delete(features[:, COLUMNS.index("nearest")], best)
    row["margin"] = row["nearest"] - float(others.max(initial=BY_CHANCE))
    row["lead"] = float(1.0 / np.exp(linear - linear[best]).sum())
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


def coefficients_from(found: Mapping[str, Any]) -> Coefficients:
    """Coefficients from their JSON form; a feature that is not named weighs nothing."""
    ranking, confidence = found["ranking"], found["confidence"]
    return Coefficients(
        Ranking(ranking["version"], _weights(ranking["answers"]), _weights(ranking["passages"])),
        ConfidenceModel(confidence["version"], _numbers(confidence["weights"], SIGNAL_NAMES), confidence["bias"]),
    )


def _weights(found: Mapping[str, Any]) -> Weights:
    return Weights(_numbers(found["weights"], COLUMNS), found["scale"], found["bias"])


def _numbers(found: Mapping[str, float], names: tuple[str, ...]) -> Numbers:
    unknown = found.keys() - set(names)
    if unknown:
        raise ValueError(f"There are no measurements named {', '.join(sorted(unknown))}.")
    return np.array([float(found.get(name, 0.0)) for name in names])
