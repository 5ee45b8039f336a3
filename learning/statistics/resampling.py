"""Bootstrap intervals from draws: how whole clusters are drawn again, and how draws become bounds. Pure.

Every draw comes from a seed, so that the same data give the same interval.
"""

from collections.abc import Iterator
from math import sqrt

import numpy as np

from learning.statistics.distributions import normal_cdf, normal_quantile, student_quantile
from learning.statistics.interval import Interval, Numbers

#: Enough that the bounds of a 95 % interval move by about a twentieth of its width from seed to seed.
RESAMPLES = 2_000
SEED = 20_261_120
#: How many numbers a block of draws holds at most, so that memory stays near 100 MB whatever the sample.
_BLOCK = 4_000_000


def multiplicities(clusters: int, resamples: int, seed: int, *, width: int = 0) -> Iterator[Numbers]:
    """How often each cluster was drawn.

    Args:
        clusters: how many there are, and so how many are drawn.
        resamples: how many draws in all.
        seed: of the draws.
        width: how many numbers the caller makes of each draw, where that is more than there are clusters.

    Yields:
        Blocks of draws, (draws, clusters).
    """
    generator = np.random.default_rng(seed)
    size = max(1, _BLOCK // max(clusters, width))
    for begin in range(0, resamples, size):
        draws = min(size, resamples - begin)
        drawn = generator.integers(0, clusters, (draws, clusters), dtype=np.int64)
        drawn += np.arange(draws, dtype=np.int64)[:, None] * clusters
        counted = np.bincount(drawn.ravel(), minlength=draws * clusters)
        yield counted.reshape(draws, clusters).astype(np.float64)


def percentile(estimate: float, draws: Numbers, level: float) -> Interval:
    """The plain percentile interval (Efron 1979); draws that are not finite are left out."""
    kept = draws[np.isfinite(draws)]
    low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
    return Interval(estimate, min(estimate, float(low)), max(estimate, float(high)), level)


def expanded_bca(estimate: float, draws: Numbers, influences: Numbers, level: float) -> Interval:
    """The bias-corrected, accelerated interval (Efron 1987), widened for small and uneven samples.

    BCa alone is too narrow where few clusters carry the variance. As Hesterberg (2015) does for percentile intervals,
    the normal quantile gives way to Student's; its degrees of freedom are those that match the variance of the variance
    estimate (Satterthwaite 1946), which are fewer than the clusters where a handful of them matters.

    Args:
        estimate: the statistic of the data.
        draws: (resamples,) the statistic of data drawn again.
        influences: (clusters,) how much each cluster pulls the estimate up, in any unit.
        level: 0 to 1.
    """
    centred = influences - influences.mean()
    squares = centred @ centred
    kept = draws[np.isfinite(draws)]
    if squares <= 0 or not len(kept):
        return Interval(estimate, estimate, estimate, level)
    clusters = len(centred)
    acceleration = float((centred**3).sum() / (6 * squares**1.5))
    below = float(((kept < estimate).sum() + 0.5 * (kept == estimate).sum() + 0.5) / (len(kept) + 1))
    bias = normal_quantile(min(below, 1 - 0.5 / len(kept)))
    spread = 2 * squares**2 / max(float((centred**4).sum() - squares**2 / clusters), 1e-12 * squares**2)
    reach = student_quantile((1 + level) / 2, min(spread, clusters - 1)) * sqrt(clusters / (clusters - 1))
    bounds = np.quantile(kept, [_corrected(side * reach, bias, acceleration) for side in (-1, 1)])
    return Interval(estimate, min(estimate, float(bounds[0])), max(estimate, float(bounds[1])), level)


def _corrected(z: float, bias: float, acceleration: float) -> float:
    """Which quantile of the draws stands for a normal one, between 0 and 1."""
    stretched = 1 - acceleration * (bias + z)
    if stretched <= 0:  # so skewed that the bound is the outermost draw
        return float(z > 0)
    return normal_cdf(bias + (bias + z) / stretched)
