"""Do probabilities keep their promise? Reliability by bins, expected calibration error, Brier score. Pure.

Promised is a row of probabilities (0 to 1) that something is so; right is what came of it, 1 or 0.
"""

from dataclasses import dataclass
from math import pi, sqrt

import numpy as np
from numpy.typing import ArrayLike

from learning.statistics.interval import LEVEL, Counts, Interval, Numbers, check_level, outcomes, same_length, shares
from learning.statistics.proportions import wilson

BINS = 10


@dataclass(frozen=True)
class ReliabilityBin:
    """Cases of nearly equal promised probability: what was promised and what was kept."""

    #: How many cases.
    cases: int
    #: The lowest and the highest promise in it.
    lowest: float
    highest: float
    #: The mean promise.
    promised: float
    #: The share that was so, with Wilson's interval.
    kept: Interval


@dataclass(frozen=True)
class CalibrationError:
    """How far promised and kept shares lie apart on average over the cases, 0 to 1."""

    error: float
    #: What probabilities that are exactly right would show, because bins hold few cases; about the least to expect.
    by_chance: float


def reliability(
    promised: ArrayLike, right: ArrayLike, *, bins: int = BINS, level: float = LEVEL
) -> tuple[ReliabilityBin, ...]:
    """Bins of about equal numbers of cases, from the lowest promise to the highest.

    Equal promises stay together, so that there may be fewer bins than asked for and uneven ones.

    Raises:
        TooFew: there are no cases.
        ValueError: a promise is no probability, or an outcome is neither 0 nor 1.
    """
    probabilities, kept = paired(promised, right)
    check_level(level)
    member, count = equal_mass(probabilities, bins)
    sizes = np.bincount(member, minlength=count)
    hits = np.bincount(member, weights=kept, minlength=count)
    means = np.bincount(member, weights=probabilities, minlength=count) / sizes
    return tuple(
        ReliabilityBin(
            cases=int(sizes[each]),
            lowest=float(probabilities[member == each].min()),
            highest=float(probabilities[member == each].max()),
            promised=float(means[each]),
            kept=wilson(float(hits[each]), int(sizes[each]), level=level),
        )
        for each in range(count)
    )


def expected_calibration_error(promised: ArrayLike, right: ArrayLike, *, bins: int = BINS) -> CalibrationError:
    """The mean distance between promised and kept over bins, weighted by cases (Naeini, Cooper and Hauskrecht 2015).

    The error is never 0 on a sample: `by_chance` is its mean where the promises are true, from the normal law that the
    mean distance is sqrt(2 / pi) standard errors.

    Raises:
        TooFew: there are no cases.
        ValueError: a promise is no probability, or an outcome is neither 0 nor 1.
    """
    probabilities, kept = paired(promised, right)
    member, count = equal_mass(probabilities, bins)
    excess = np.bincount(member, weights=kept - probabilities, minlength=count)
    variance = np.bincount(member, weights=probabilities * (1 - probabilities), minlength=count)
    cases = len(kept)
    return CalibrationError(float(np.abs(excess).sum() / cases), float(np.sqrt(variance).sum() * sqrt(2 / pi) / cases))


def brier_score(promised: ArrayLike, right: ArrayLike) -> float:
    """The mean squared distance between promise and outcome (Brier 1950): 0 is perfect, .25 is always saying one half.

    Raises:
        TooFew: there are no cases.
        ValueError: a promise is no probability, or an outcome is neither 0 nor 1.
    """
    probabilities, kept = paired(promised, right)
    return float(((probabilities - kept) ** 2).mean())


def paired(promised: ArrayLike, right: ArrayLike) -> tuple[Numbers, Numbers]:
    """Promises and outcomes, checked: (n,) and (n,).

    Raises:
        TooFew: there are no cases.
        ValueError: a promise is no probability, an outcome is neither 0 nor 1, or there are more of one than the other.
    """
    probabilities, kept = shares(promised, what="promised probabilities"), outcomes(right)
    same_length(probabilities, kept)
    return probabilities, kept


def equal_mass(values: Numbers, bins: int) -> tuple[Counts, int]:
    """Which of at most `bins` bins each value falls into, counted from 0, and how many bins there are.

    Raises:
        ValueError: fewer than one bin is asked for.
    """
    if bins < 1:
        raise ValueError("There must be at least one bin.")
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    # Each distinct value goes where the middle of its cases lies.
    middles = np.cumsum(counts) - counts / 2
    wanted = np.minimum((middles * bins / len(values)).astype(np.int64), bins - 1)
    _, packed = np.unique(wanted, return_inverse=True)
    return packed[place], int(packed.max()) + 1
