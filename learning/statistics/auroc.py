"""How well a score tells right from wrong: the area under the ROC curve, with an interval. Pure."""

from math import log, sqrt

import numpy as np
from numpy.typing import ArrayLike

from learning.errors import TooFew
from learning.statistics.distributions import student_quantile
from learning.statistics.interval import LEVEL, Interval, Numbers, check_level, numbers, outcomes, same_length


def auroc(scores: ArrayLike, right: ArrayLike, *, level: float = LEVEL) -> Interval:
    """The chance that a right case scores higher than a wrong one, ties counting half.

    The variance is that of DeLong, DeLong and Clarke-Pearson (1988), by midranks (Sun and Xu 2014); the bounds are made
    on the logit scale (Pepe 2003), so that they stay between 0 and 1, with Student's quantile at Welch's degrees of
    freedom, because one of the two kinds is often rare. Where the two are told apart without fault (or always wrongly)
    the variance is 0 and says nothing: with k the smaller of the two counts there are k pairs without a common case,
    all in order with chance AUROC^k at most, which bounds it as the exact interval of k out of k does.

    Args:
        scores: (n,) any finite numbers; higher means likelier right.
        right: (n,) 1 or 0.
        level: 0 to 1.

    Raises:
        TooFew: no case was right, or none was wrong.
    """
    values, kept = numbers(scores, what="scores"), outcomes(right)
    same_length(values, kept)
    outside = (1 - check_level(level)) / 2
    above, below = values[kept == 1], values[kept == 0]
    m, n = len(above), len(below)
    if not m or not n:
        raise TooFew("Telling right from wrong needs at least one case of each.")
    ranks = _midranks(np.concatenate([above, below]))
    # For each right case the share of wrong ones below it, and for each wrong case the share of right ones above it.
    lower = (ranks[:m] - _midranks(above)) / n
    upper = 1 - (ranks[m:] - _midranks(below)) / m
    area = float(lower.mean())
    if area in (0.0, 1.0):
        least = outside ** (1 / min(m, n))
        return Interval(1.0, least, 1.0, level) if area else Interval(0.0, 0.0, 1 - least, level)
    one, other = _variance(lower) / m, _variance(upper) / n
    degrees = (one + other) ** 2 / (one**2 / max(m - 1, 1) + other**2 / max(n - 1, 1))
    reach = student_quantile(1 - outside, degrees) * sqrt(one + other)
    middle, half = log(area / (1 - area)), reach / (area * (1 - area))
    return Interval(area, _share(middle - half), _share(middle + half), level)


def _midranks(values: Numbers) -> Numbers:
    """Ranks from 1; equal values share the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    found: Numbers = (last - (counts - 1) / 2)[place]
    return found


def _variance(values: Numbers) -> float:
    # One case alone has no variance of its own; the widest that a share can have stands in.
    return float(values.var(ddof=1)) if len(values) > 1 else 0.25


def _share(logit: float) -> float:
    return float(0.5 * (1 + np.tanh(logit / 2)))
