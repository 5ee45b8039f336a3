"""Answering only when sure: how much can be answered how well. Pure.

A case with confidence at or above a threshold is answered; coverage is the share answered, risk the share of the
answered that was wrong (El-Yaniv and Wiener 2010).
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from learning.statistics.calibration import paired
from learning.statistics.clustered import Sample, cluster_codes
from learning.statistics.interval import LEVEL, Counts, Interval, Numbers, check_level
from learning.statistics.resampling import RESAMPLES, SEED, multiplicities, percentile


@dataclass(frozen=True)
class RiskCurve:
    """What each threshold gives; all (t,), from the highest confidence that occurs to the lowest."""

    thresholds: Numbers
    #: Share answered, rising to 1.
    coverage: Numbers
    #: Share wrong among the answered.
    risk: Numbers
    #: How many were answered and how many of them wrongly, for intervals of one point.
    answered: Counts
    wrong: Counts

    @property
    def area(self) -> float:
        """The mean risk over all coverages (AURC; Geifman, Uziel and El-Yaniv 2019): lower is better."""
        steps = np.diff(self.coverage, prepend=0.0)
        return float(self.risk @ steps)


def risk_curve(confidence: ArrayLike, right: ArrayLike) -> RiskCurve:
    """Coverage and risk at every threshold that makes a difference.

    Args:
        confidence: (n,) probabilities, 0 to 1.
        right: (n,) 1 or 0, whether the answer is or would be right.

    Raises:
        TooFew: there are no cases.
    """
    values, kept = paired(confidence, right)
    order, last = _descending(values)
    answered = last + 1
    wrong = np.cumsum(1 - kept[order])[last].astype(np.int64)
    return RiskCurve(values[order][last], answered / len(values), wrong / answered, answered, wrong)


def answered_at(
    confidence: ArrayLike,
    right: ArrayLike,
    precision: float,
    *,
    clusters: Iterable[Hashable] | None = None,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Interval:
    """The largest share that can be answered with at least a precision, with a cluster bootstrap's percentile interval.

    The threshold is chosen on these very cases, as a best case; a threshold that was set before them is judged by the
    share above it and its precision, two plain rates.

    Args:
        confidence: (n,) probabilities, 0 to 1.
        right: (n,) 1 or 0.
        precision: share of the answered that has to be right, 0 to 1.
        clusters: (n,) labels of cases that hang together; None where none do.
        level: 0 to 1.
        resamples: how often the cases are drawn again.
        seed: of the draws.

    Raises:
        TooFew: there are no cases.
    """
    values, kept = paired(confidence, right)
    check_level(level)
    order, last = _descending(values)
    codes, count = cluster_codes(Sample.of(values, clusters).clusters)
    ordered, gain = codes[order], kept[order] - precision

    def best(drawn: Numbers) -> Numbers:
        weights = drawn[:, ordered]
        reached = np.cumsum(weights, axis=1)
        # What is answered is precise enough where the gains of right and wrong cases add up to no loss.
        enough = np.cumsum(weights * gain, axis=1)[:, last] >= -1e-9
        found: Numbers = np.where(enough, reached[:, last], 0.0).max(axis=1) / reached[:, -1]
        return found

    draws = np.concatenate([best(drawn) for drawn in multiplicities(count, resamples, seed, width=len(values))])
    return percentile(float(best(np.ones((1, count)))[0]), draws, level)


def _descending(values: Numbers) -> tuple[Counts, Counts]:
    """The order from the highest value to the lowest, and where in it each run of equal values ends."""
    order = np.argsort(-values, kind="stable")
    sorted_values = values[order]
    return order, np.append(np.flatnonzero(np.diff(sorted_values)), len(values) - 1)
