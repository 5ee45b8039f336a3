"""Confidence sequences: intervals that hold the truth at every look at once, so that looking often does not lie. Pure.

Somebody bets against each candidate mean; the fairer the candidate, the less can be won, whatever the number of looks:
by Ville's inequality (1939) the capital ever exceeds 1/α with chance α at most. What has made a bettor that rich is no
longer believed. The bettor spreads the capital over all alternatives by Jeffreys' prior (Robbins 1970; the mixture for
sub-Bernoulli processes of Howard, Ramdas, McAuliffe and Sekhon 2021), which is about the best that can be done for
zeros and ones and stays valid, if wider than it could be, for anything between 0 and 1. Betting on the variance too
(Waudby-Smith and Ramdas 2023) would be narrower there; most conversations hold one answer, so that little is lost.

A case is one conversation: its share of answers that were so, 0 to 1. Cases come in the order in which they became
known, and must not change afterwards.
"""

from collections.abc import Callable
from math import inf, lgamma, log

import numpy as np
from numpy.typing import ArrayLike

from learning.statistics.interval import LEVEL, Interval, Numbers, check_level, same_length, shares

#: Jeffreys' prior for a share is Beta(1/2, 1/2).
_PRIOR = 0.5
#: Halvings of a bisection: a bound to within 1e-12.
_HALVINGS = 40


def mean_so_far(values: ArrayLike, *, level: float = LEVEL) -> Interval:
    """The mean, with bounds that hold at this look and all others together.

    Args:
        values: (n,) 0 to 1 each, all that is known by now.
        level: 0 to 1, for all looks together.

    Raises:
        TooFew: nothing is known yet.
    """
    row = shares(values, what="values")
    total, count = float(row.sum()), len(row)
    most = -log(1 - check_level(level))
    estimate = total / count

    def believed(mean: float) -> bool:
        return _won(total, count) + _lost(total, count, mean) < most

    return Interval(estimate, _edge(believed, estimate, 0.0), _edge(believed, estimate, 1.0), level)


def difference_so_far(first: ArrayLike, second: ArrayLike, *, level: float = LEVEL) -> Interval:
    """The mean of the second arm minus that of the first, with bounds that hold at all looks together.

    Two bettors play against a pair of means and their capitals multiply; a difference is believed as long as some pair
    with that difference is. This is narrower than two sequences put side by side.

    Args:
        first: (n,) 0 to 1 each, of the one arm.
        second: (m,) of the other.
        level: 0 to 1, for all looks together.

    Raises:
        TooFew: nothing is known yet of one of the arms.
    """
    one, other = shares(first, what="values of the first arm"), shares(second, what="values of the second arm")
    sums = (float(one.sum()), len(one), float(other.sum()), len(other))
    most = -log(1 - check_level(level)) - _won(*sums[:2]) - _won(*sums[2:])

    def believed(difference: float) -> bool:
        return _least_lost(*sums, difference) < most

    estimate = sums[2] / sums[3] - sums[0] / sums[1]
    return Interval(estimate, _edge(believed, estimate, -1.0), _edge(believed, estimate, 1.0), level)


def excluded_at(values: ArrayLike, mean: float, *, level: float = LEVEL) -> int | None:
    """After how many cases a mean was no longer believed, looking after each; None: it still is.

    Raises:
        TooFew: nothing is known yet.
        ValueError: the mean does not lie between 0 and 1, both excluded.
    """
    row = shares(values, what="values")
    if not 0 < mean < 1:
        raise ValueError("The mean must lie between 0 and 1.")
    totals, counts = np.cumsum(row), np.arange(1, len(row) + 1, dtype=np.float64)
    capital = _won_each(totals, counts) - totals * log(mean) - (counts - totals) * np.log1p(-mean)
    return _first(capital, level)


def separated_at(values: ArrayLike, in_second: ArrayLike, *, level: float = LEVEL) -> int | None:
    """After how many cases of both arms together they were told apart, looking after each; None: they are not yet.

    Args:
        values: (n,) 0 to 1 each, of both arms in the order in which they became known.
        in_second: (n,) whether each is of the second arm.
        level: 0 to 1, for all looks together.

    Raises:
        TooFew: nothing is known yet.
    """
    row, second = shares(values, what="values"), np.asarray(in_second, dtype=bool)
    same_length(row, second)
    capital = np.zeros(len(row))
    for arm in (second, ~second):
        capital += _won_each(np.cumsum(row * arm), np.cumsum(arm).astype(np.float64))
    # Of all pairs of equal means the one that both arms together suggest loses least.
    totals, counts = np.cumsum(row), np.arange(1, len(row) + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        shared = totals / counts
        loss = np.nan_to_num(totals * np.log(shared)) + np.nan_to_num((counts - totals) * np.log1p(-shared))
    return _first(capital - loss, level)


def _won(total: float, count: float) -> float:
    """The logarithm of the likelihood of the cases, averaged over Jeffreys' prior."""
    return _log_beta(total + _PRIOR, count - total + _PRIOR) - _log_beta(_PRIOR, _PRIOR)


def _lost(total: float, count: float, mean: float) -> float:
    """Minus the logarithm of the likelihood of the cases under a mean."""
    loss = 0.0
    for weight, chance in ((total, mean), (count - total, 1 - mean)):
        if weight > 0:
            loss += -weight * log(chance) if chance > 0 else inf
    return loss


def _least_lost(total: float, count: float, other_total: float, other_count: float, difference: float) -> float:
    """The least loss of two arms over all pairs of means with a difference (convex, so found by its slope)."""
    low, high = max(0.0, -difference), min(1.0, 1.0 - difference)
    for _ in range(_HALVINGS):
        mean = 0.5 * (low + high)
        other = min(1.0, max(0.0, mean + difference))
        if _slope(total, count, mean) + _slope(other_total, other_count, other) < 0:
            low = mean
        else:
            high = mean
    mean = 0.5 * (low + high)
    return _lost(total, count, mean) + _lost(other_total, other_count, min(1.0, max(0.0, mean + difference)))


def _slope(total: float, count: float, mean: float) -> float:
    """How the loss changes with the mean; infinite at an end that the cases rule out."""
    down = 0.0 if not total else (total / mean if mean > 0 else inf)
    up = 0.0 if total == count else ((count - total) / (1 - mean) if mean < 1 else inf)
    return up - down if up != inf or down != inf else 0.0


def _edge(believed: Callable[[float], bool], inside: float, end: float) -> float:
    """The last believed value between one that is and an end of the range, rounded outwards."""
    if believed(end):
        return end
    outside = end
    for _ in range(_HALVINGS):
        middle = 0.5 * (inside + outside)
        if believed(middle):
            inside = middle
        else:
            outside = middle
    return outside


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


#: The logarithm of the gamma function of each number; numpy has none of its own.
_lgamma_each = np.frompyfunc(lgamma, 1, 1)


def _won_each(totals: Numbers, counts: Numbers) -> Numbers:
    ones, zeros, both = (_lgamma_each(row) for row in (totals + _PRIOR, counts - totals + _PRIOR, counts + 2 * _PRIOR))
    return np.asarray(ones + zeros - both, dtype=np.float64) - _log_beta(_PRIOR, _PRIOR)


def _first(capital: Numbers, level: float) -> int | None:
    rich = np.flatnonzero(capital >= -log(1 - check_level(level)))
    return int(rich[0]) + 1 if len(rich) else None
