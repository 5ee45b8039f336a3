"""How the suites of `learning.statistics` judge a simulation: how far chance may take a share from its true value."""

from math import sqrt

#: Four standard errors: a right statistic fails such a check once in 16,000 seeds, and the seeds are fixed.
_ERRORS = 4.0


def by_chance(share: float, runs: int) -> float:
    """How far the share seen in `runs` simulations may lie from the true `share`."""
    return _ERRORS * sqrt(share * (1 - share) / runs)
