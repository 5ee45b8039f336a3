"""Means, rates, quantiles and their differences for cases that come in clusters: the cluster bootstrap. Pure.

Answers in one conversation hang together: the same person, the same topic, the same mood. So whole conversations are
drawn again, never single answers; drawing answers would give intervals that hold the truth far too seldom. A cluster
that stands in both samples of a difference is drawn for both at once.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from learning.errors import TooFew
from learning.statistics.interval import LEVEL, Counts, Interval, Numbers, check_level, numbers, outcomes, same_length
from learning.statistics.proportions import newcombe, wilson
from learning.statistics.resampling import RESAMPLES, SEED, expanded_bca, multiplicities, percentile


@dataclass(frozen=True)
class Sample:
    """Values, and which cluster each belongs to."""

    #: (n,)
    values: Numbers
    #: (n,) one label per value.
    clusters: tuple[Hashable, ...]

    @classmethod
    def of(cls, values: ArrayLike, clusters: Iterable[Hashable] | None = None) -> Self:
        """A checked sample.

        Args:
            values: (n,), finite.
            clusters: (n,) labels, such as ids of conversations; None where each value stands for itself.

        Raises:
            TooFew: there are no values.
            ValueError: there are more or fewer labels than values.
        """
        row = numbers(values)
        labels = tuple(range(len(row))) if clusters is None else tuple(clusters)
        same_length(row, labels)
        return cls(row, labels)


def mean(sample: Sample, *, level: float = LEVEL, resamples: int = RESAMPLES, seed: int = SEED) -> Interval:
    """The mean over all values.

    Raises:
        TooFew: fewer than two clusters.
    """
    check_level(level)
    totals = _totals(sample)
    _enough(len(totals))
    estimate = float(sample.values.mean())
    draws = _redrawn(totals, resamples, seed)
    return expanded_bca(estimate, _ratio(draws), _influences(totals), level)


def rate(sample: Sample, *, level: float = LEVEL, resamples: int = RESAMPLES, seed: int = SEED) -> Interval:
    """The share of ones among values that are 0 or 1.

    Where no two cases share a cluster the interval is Wilson's. Where all are the same there is nothing to draw from,
    and each cluster counts as one independent case: Wilson's again, which then errs on the wide side.

    Raises:
        ValueError: a value is neither 0 nor 1.
    """
    ones = outcomes(sample.values)
    clusters = len(set(sample.clusters))
    if clusters in (1, len(ones)) or ones.min() == ones.max():
        return wilson(float(ones.mean()) * clusters, clusters, level=level)
    return _within(mean(sample, level=level, resamples=resamples, seed=seed), 0.0, 1.0)


def difference_of_means(
    first: Sample, second: Sample, *, level: float = LEVEL, resamples: int = RESAMPLES, seed: int = SEED
) -> Interval:
    """The mean of the second sample minus that of the first.

    Raises:
        TooFew: fewer than two clusters in one of them.
    """
    check_level(level)
    one, other = _together(first, second)
    for totals in (one, other):
        _enough(int((totals[:, 1] > 0).sum()))
    draws = _redrawn(np.hstack([one, other]), resamples, seed)
    estimate = float(second.values.mean() - first.values.mean())
    influences = _influences(other) - _influences(one)
    return expanded_bca(estimate, _ratio(draws[:, 2:]) - _ratio(draws[:, :2]), influences, level)


def difference_of_rates(
    first: Sample, second: Sample, *, level: float = LEVEL, resamples: int = RESAMPLES, seed: int = SEED
) -> Interval:
    """The share of ones in the second sample minus that in the first.

    Where one sample is all zeros or all ones, the intervals of both are put together by Newcombe's method instead,
    because drawing from such a sample again shows none of its uncertainty.

    Raises:
        ValueError: a value is neither 0 nor 1.
    """
    flat = [bool(ones.min() == ones.max()) for ones in (outcomes(first.values), outcomes(second.values))]
    few = min(len(set(first.clusters)), len(set(second.clusters))) < 2
    if few or any(flat):
        alone = [rate(sample, level=level, resamples=resamples, seed=seed) for sample in (first, second)]
        return newcombe(*alone)
    return _within(difference_of_means(first, second, level=level, resamples=resamples, seed=seed), -1.0, 1.0)


def quantile(
    sample: Sample, share: float, *, level: float = LEVEL, resamples: int = RESAMPLES, seed: int = SEED
) -> Interval:
    """The value below which `share` (0 to 1) of the values lies: the percentile interval of the cluster bootstrap.

    Raises:
        TooFew: fewer than two clusters.
    """
    check_level(level)
    codes, clusters = cluster_codes(sample.clusters)
    _enough(clusters)
    find = _finder(sample, codes, share)
    blocks = multiplicities(clusters, resamples, seed, width=len(sample.values))
    draws = np.concatenate([find(drawn) for drawn in blocks])
    return percentile(float(find(np.ones((1, clusters)))[0]), draws, level)


def difference_of_quantiles(
    first: Sample,
    second: Sample,
    share: float,
    *,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Interval:
    """That quantile of the second sample minus that of the first.

    Raises:
        TooFew: fewer than two clusters in one of them.
    """
    check_level(level)
    for sample in (first, second):
        _enough(len(set(sample.clusters)))
    codes, clusters = cluster_codes(first.clusters + second.clusters)
    cut = len(first.clusters)
    one, other = _finder(first, codes[:cut], share), _finder(second, codes[cut:], share)
    blocks = multiplicities(clusters, resamples, seed, width=len(codes))
    draws = np.concatenate([other(drawn) - one(drawn) for drawn in blocks])
    whole = np.ones((1, clusters))
    return percentile(float((other(whole) - one(whole))[0]), draws, level)


def cluster_codes(labels: tuple[Hashable, ...]) -> tuple[Counts, int]:
    """Labels as numbers from 0, in order of appearance, and how many there are."""
    known: dict[Hashable, int] = {}
    codes = np.fromiter((known.setdefault(label, len(known)) for label in labels), np.int64, len(labels))
    return codes, len(known)


def _totals(sample: Sample) -> Numbers:
    """(clusters, 2): each cluster's sum and count."""
    codes, clusters = cluster_codes(sample.clusters)
    return _summed(sample.values, codes, clusters)


def _together(first: Sample, second: Sample) -> tuple[Numbers, Numbers]:
    """The totals of two samples over the clusters of both."""
    codes, clusters = cluster_codes(first.clusters + second.clusters)
    cut = len(first.clusters)
    return _summed(first.values, codes[:cut], clusters), _summed(second.values, codes[cut:], clusters)


def _summed(values: Numbers, codes: Counts, clusters: int) -> Numbers:
    sums = np.bincount(codes, weights=values, minlength=clusters)
    return np.column_stack([sums, np.bincount(codes, minlength=clusters).astype(np.float64)])


def _redrawn(totals: Numbers, resamples: int, seed: int) -> Numbers:
    """(resamples, columns): the totals of clusters drawn again."""
    return np.concatenate([drawn @ totals for drawn in multiplicities(len(totals), resamples, seed)])


def _ratio(totals: Numbers) -> Numbers:
    with np.errstate(invalid="ignore"):  # a draw without any case of a sample is no draw, and left out later
        found: Numbers = totals[:, 0] / totals[:, 1]
    return found


def _influences(totals: Numbers) -> Numbers:
    """How much each cluster pulls the mean up: the linear term of the ratio of sums."""
    sums, counts = totals.sum(axis=0)
    found: Numbers = (totals[:, 0] - sums / counts * totals[:, 1]) / counts
    return found


def _finder(sample: Sample, codes: Counts, share: float) -> Callable[[Numbers], Numbers]:
    """A function from multiplicities (draws, clusters) to the weighted quantile of each draw."""
    order = np.argsort(sample.values, kind="stable")
    values, codes = sample.values[order], codes[order]

    def find(drawn: Numbers) -> Numbers:
        below = np.cumsum(drawn[:, codes], axis=1)
        total = below[:, -1]
        at = (below < (share * total)[:, None] - 1e-9).sum(axis=1).clip(max=len(values) - 1)
        return np.where(total > 0, values[at], np.nan)

    return find


def _within(interval: Interval, low: float, high: float) -> Interval:
    return Interval(interval.estimate, max(low, interval.low), min(high, interval.high), interval.level)


def _enough(clusters: int) -> None:
    if clusters < 2:
        raise TooFew("An interval needs cases from at least two conversations.")
