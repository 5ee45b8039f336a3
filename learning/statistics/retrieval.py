"""How high the right hit stands: accuracy, recall among the first k, mean reciprocal rank. Pure.

A rank counts from 1, the first hit; 0 means that the right one was not found at all.
"""

from collections.abc import Hashable, Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from learning.statistics import clustered
from learning.statistics.clustered import Sample
from learning.statistics.interval import LEVEL, Interval, Numbers, numbers


def rank_of(found: Sequence[Hashable], right: Iterable[Hashable]) -> int:
    """The rank of the first right one among what was found, best first; 0 where there is none."""
    wanted = frozenset(right)
    return next((rank for rank, each in enumerate(found, start=1) if each in wanted), 0)


def accuracy(ranks: ArrayLike, *, clusters: Iterable[Hashable] | None = None, level: float = LEVEL) -> Interval:
    """The share of questions whose first hit is right.

    Args:
        ranks: (n,) as of `rank_of`.
        clusters: (n,) labels of questions that hang together; None where none do.
        level: 0 to 1.

    Raises:
        TooFew: there are no questions.
    """
    return recall_at(1, ranks, clusters=clusters, level=level)


def recall_at(
    k: int, ranks: ArrayLike, *, clusters: Iterable[Hashable] | None = None, level: float = LEVEL
) -> Interval:
    """The share of questions whose right hit is among the first `k`. Args and errors as of `accuracy`."""
    row = _checked(ranks)
    among = ((row >= 1) & (row <= k)).astype(np.float64)
    return clustered.rate(Sample.of(among, clusters), level=level)


def mean_reciprocal_rank(
    ranks: ArrayLike, *, clusters: Iterable[Hashable] | None = None, level: float = LEVEL
) -> Interval:
    """The mean of one over the rank, 0 where the right hit was not found (Voorhees 1999). Args as of `accuracy`.

    Raises:
        TooFew: fewer than two questions or clusters.
    """
    row = _checked(ranks)
    reciprocal = np.where(row > 0, 1 / np.maximum(row, 1), 0.0)
    return clustered.mean(Sample.of(reciprocal, clusters), level=level)


def _checked(ranks: ArrayLike) -> Numbers:
    row = numbers(ranks, what="ranks")
    if (row < 0).any() or (row != np.floor(row)).any():
        raise ValueError("A rank is a whole number from 1, or 0 where the right hit was not found.")
    return row
