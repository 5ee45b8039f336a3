"""Two ways of doing the same cases, such as a replay and what was recorded: McNemar's test and the difference. Pure.

Only the cases that came out differently say which way is better. A case that one of the two did not do is no pair;
leave it out and report how many there were.
"""

from dataclasses import dataclass
from math import sqrt

from numpy.typing import ArrayLike

from learning.statistics.distributions import binomial_chance, binomial_tail
from learning.statistics.interval import LEVEL, Interval, outcomes, same_length
from learning.statistics.proportions import wilson


@dataclass(frozen=True)
class PairedResult:
    """What changed between two ways of doing the same cases."""

    #: How many pairs.
    pairs: int
    #: So under the second way only, and under the first only.
    gained: int
    lost: int
    #: McNemar's test, exact: never alarms too often, and so too seldom.
    exact_p: float
    #: With half of the chance of what was seen: nearer to its level, and the one to decide by.
    mid_p: float
    #: The share under the second way minus that under the first.
    difference: Interval


def mcnemar(first: ArrayLike, second: ArrayLike, *, level: float = LEVEL) -> PairedResult:
    """Compare two ways by the cases on which they differ (McNemar 1947; mid-p: Fagerland, Lydersen and Laake 2013).

    The interval of the difference is Newcombe's for paired data (1998, method 10).

    Args:
        first: (n,) 1 where the first way succeeded, else 0.
        second: (n,) of the same cases in the same order.
        level: 0 to 1, of the interval.

    Raises:
        TooFew: there are no pairs.
        ValueError: the rows differ in length, or hold something else than 0 and 1.
    """
    before, after = outcomes(first), outcomes(second)
    same_length(before, after)
    pairs = len(before)
    gained = int(((before == 0) & (after == 1)).sum())
    lost = int(((before == 1) & (after == 0)).sum())
    both = int(((before == 1) & (after == 1)).sum())
    changed, most = gained + lost, max(gained, lost)
    tail = binomial_tail(most, changed, 0.5)
    exact = min(1.0, 2 * tail)
    mid = min(1.0, 2 * tail - binomial_chance(most, changed, 0.5))
    return PairedResult(pairs, gained, lost, exact, mid, _difference(both, gained, lost, pairs, level))


def _difference(both: int, gained: int, lost: int, pairs: int, level: float) -> Interval:
    neither = pairs - both - gained - lost
    one, other = wilson(both + lost, pairs, level=level), wilson(both + gained, pairs, level=level)
    correlation = _correlation(both, gained, lost, neither)
    estimate = (gained - lost) / pairs
    low = _reach(other.estimate - other.low, one.high - one.estimate, correlation)
    high = _reach(other.high - other.estimate, one.estimate - one.low, correlation)
    return Interval(estimate, max(-1.0, estimate - low), min(1.0, estimate + high), level)


def _reach(one: float, other: float, correlation: float) -> float:
    return sqrt(max(0.0, one * one + other * other - 2 * correlation * one * other))


def _correlation(both: int, gained: int, lost: int, neither: int) -> float:
    """How much the two ways go together, held back by half a case where that is positive, as Newcombe has it."""
    margins = (both + lost) * (gained + neither) * (both + gained) * (lost + neither)
    if not margins:
        return 0.0
    product = float(both * neither - gained * lost)
    if product > 0:
        product = max(product - (both + gained + lost + neither) / 2, 0)
    return product / sqrt(margins)
