"""Shares from draws in which some cases were likelier to be drawn than others, as audits of doubtful answers are. Pure.

Every case was drawn, or not, by itself with a known chance; a drawn case stands for one over its chance.
"""

from math import inf

from numpy.typing import ArrayLike

from learning.statistics.distributions import gamma_quantile
from learning.statistics.interval import LEVEL, Interval, Numbers, check_level, outcomes, same_length, shares
from learning.statistics.proportions import clopper_pearson


def share_of_all(
    found: ArrayLike, chances: ArrayLike, population: int, *, least_chance: float | None = None, level: float = LEVEL
) -> Interval:
    """The share of a whole population that is so, where it is seldom so: of all questions, those answered wrongly.

    Horvitz and Thompson's estimate (1952); the bounds are those of Fay and Feuer (1997) for a weighted sum of rare
    counts, which stay honest where only a handful was found, or none: the next one might have had the largest weight.

    Args:
        found: (n,) 1 where a drawn case is so, else 0.
        chances: (n,) with which chance each of the drawn cases was drawn; above 0, at most 1.
        population: how many cases there were, drawn or not.
        least_chance: the smallest with which any case of the population was drawn; None: the smallest among those that
            were drawn.
        level: 0 to 1.

    Raises:
        TooFew: nothing was drawn.
        ValueError: a chance is 0, or the population is smaller than the sample.
    """
    ones, weights = _weighed(found, chances)
    if population < len(ones):
        raise ValueError(f"A population of {population} cannot give a sample of {len(ones)}.")
    heaviest = float(weights.max())
    if least_chance is not None:
        if not 0 < least_chance <= 1 / heaviest * (1 + 1e-9):
            raise ValueError("The least chance lies above 0, and not above that of any case that was drawn.")
        heaviest = 1 / least_chance
    total, variance = float(weights @ ones), float((weights**2) @ ones)
    outside = (1 - check_level(level)) / 2
    low = 0.0 if not total else variance / total * gamma_quantile(outside, total**2 / variance)
    reach, spread = total + heaviest, variance + heaviest**2
    high = spread / reach * gamma_quantile(1 - outside, reach**2 / spread)
    estimate, low, high = (min(1.0, value / population) for value in (total, low, high))
    return Interval(estimate, low, high, level)


def share_of_drawn(found: ArrayLike, chances: ArrayLike, *, level: float = LEVEL) -> Interval:
    """The share among cases of one kind whose number is not known: of the wrong answers, those that were voted down.

    Hájek's ratio (1971) with the exact interval at the effective sample size (Korn and Graubard 1998): as many equal
    draws as would give the same variance.

    Args:
        found: (n,) 1 where a drawn case of this kind is so, else 0.
        chances: (n,) with which chance each was drawn; above 0, at most 1.
        level: 0 to 1.

    Raises:
        TooFew: no case of this kind was drawn.
        ValueError: a chance is 0.
    """
    ones, weights = _weighed(found, chances)
    share = float(weights @ ones / weights.sum())
    kish = float(weights.sum() ** 2 / (weights @ weights))
    variance = float(((weights * (ones - share)) ** 2).sum() / weights.sum() ** 2)
    effective = share * (1 - share) / variance if variance > 0 else inf
    # The variance of a few unequal draws is itself uncertain, so it never makes them count for more than they are.
    effective = min(effective, kish)
    bounds = clopper_pearson(share * effective, effective, level=level)
    return Interval(share, bounds.low, bounds.high, level)


def _weighed(found: ArrayLike, chances: ArrayLike) -> tuple[Numbers, Numbers]:
    ones, likely = outcomes(found), shares(chances, what="chances of being drawn")
    same_length(ones, likely)
    if not likely.min() > 0:
        raise ValueError("A case that could not be drawn was drawn: its chance is 0.")
    return ones, 1.0 / likely
