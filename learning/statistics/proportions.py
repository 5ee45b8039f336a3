"""Shares of independent cases, with intervals. Pure.

Wilson's is the one to show: near its level on average, never outside 0 to 1, and wide where nothing happened. Clopper
and Pearson's is the one to promise by: at least its level whatever the truth. Cases that hang together, as the
questions of one conversation do, need `learning.statistics.clustered`.
"""

from math import hypot, sqrt

from learning.errors import TooFew
from learning.statistics.distributions import beta_quantile, margin
from learning.statistics.interval import LEVEL, Interval, check_level


def wilson(successes: float, trials: float, *, level: float = LEVEL) -> Interval:
    """The score interval of a share (Wilson 1927).

    Args:
        successes: 0 to `trials`; need not be whole, so that effective counts can be given.
        trials: more than 0.

    Raises:
        TooFew: there were no trials.
        ValueError: the counts contradict each other.
    """
    _check(successes, trials)
    z = margin(check_level(level))
    share = successes / trials
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    # Rounding must not take the estimate out of its own bounds where nothing or everything happened.
    return Interval(share, min(share, max(0.0, middle - half)), max(share, min(1.0, middle + half)), level)


def clopper_pearson(successes: float, trials: float, *, level: float = LEVEL) -> Interval:
    """The exact interval of a share (Clopper and Pearson 1934): it holds the truth in at least `level` of cases.

    Args and errors as of `wilson`.
    """
    _check(successes, trials)
    outside = (1 - check_level(level)) / 2
    low = beta_quantile(outside, successes, trials - successes + 1) if successes > 0 else 0.0
    high = beta_quantile(1 - outside, successes + 1, trials - successes) if successes < trials else 1.0
    return Interval(successes / trials, low, high, level)


def newcombe(first: Interval, second: Interval) -> Interval:
    """The interval of the second share minus the first, from the intervals of both (Newcombe 1998, method 10).

    Any intervals of independent estimates of the same level do, not only Wilson's (Zou and Donner 2008).

    Raises:
        ValueError: the levels differ.
    """
    if first.level != second.level:
        raise ValueError("Two intervals can only be compared at the same level.")
    difference = second.estimate - first.estimate
    low = difference - hypot(second.estimate - second.low, first.high - first.estimate)
    high = difference + hypot(second.high - second.estimate, first.estimate - first.low)
    return Interval(difference, low, high, first.level)


def _check(successes: float, trials: float) -> None:
    if trials <= 0:
        raise TooFew("There are no cases, so there is no share of them.")
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} is not a share.")
