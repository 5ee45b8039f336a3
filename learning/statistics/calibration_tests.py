"""Tests of calibration: a calibrated predictor passes, an overconfident one fails. Pure.

Three questions: is the mean promise right (`in_the_large`: the one that matters for a budget), is the spread of the
promises right (`spiegelhalter`), and are they right everywhere (`hosmer_lemeshow`). Promise and outcome as in
`learning.statistics.calibration`. Cases must be independent; take one per conversation where several hang together.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from learning.errors import TooFew
from learning.statistics.calibration import BINS, equal_mass, paired
from learning.statistics.distributions import chi_square_tail, normal_cdf, two_sided
from learning.statistics.interval import Numbers

#: Cochran's rule (1954): chi-square is a fair law where every cell expects about five cases.
_LEAST_EXPECTED = 5.0


@dataclass(frozen=True)
class FitTest:
    """What a test of 'the promises are true' found."""

    #: The test's own number: a standard normal, or chi-square where there are degrees of freedom.
    statistic: float
    #: The chance to see as much or more where the promises are true.
    p_value: float
    #: Degrees of freedom of a chi-square; None for a normal.
    degrees: int | None = None


def in_the_large(promised: ArrayLike, right: ArrayLike, *, overconfident_only: bool = False) -> FitTest:
    """Whether as much came true as was promised altogether (Cox 1958).

    The statistic is negative where less came true.

    Args:
        promised: (n,) probabilities.
        right: (n,) 1 or 0.
        overconfident_only: ask only whether too much was promised, on one side.

    Raises:
        TooFew: no promise leaves anything open.
    """
    probabilities, kept = paired(promised, right)
    z = _standardised(kept - probabilities, probabilities, np.ones_like(probabilities))
    return FitTest(z, normal_cdf(z) if overconfident_only else two_sided(z))


def spiegelhalter(promised: ArrayLike, right: ArrayLike) -> FitTest:
    """Whether the Brier score is the one that the promises themselves foretell (Spiegelhalter 1986).

    Positive where the promises are too bold: too near to 0 and 1 for what came of them.

    Raises:
        TooFew: no promise leaves anything open, or all are one half.
    """
    probabilities, kept = paired(promised, right)
    z = _standardised(kept - probabilities, probabilities, 1 - 2 * probabilities)
    return FitTest(z, two_sided(z))


def hosmer_lemeshow(promised: ArrayLike, right: ArrayLike, *, bins: int = BINS, fitted_here: bool = False) -> FitTest:
    """Whether promised and kept agree in each of several bins (Hosmer and Lemeshow 1980).

    A bin's variance is the sum of p(1-p) over its cases, not the classic n p(1-p) of its mean, which is too large in
    wide bins. Neighbouring bins are joined until each expects at least five of either outcome.

    Args:
        promised: (n,) probabilities.
        right: (n,) 1 or 0.
        bins: how many at most.
        fitted_here: whether the probabilities were fitted on these very cases: that takes two degrees of freedom away.
            On other cases there are as many as bins (Hosmer, Lemeshow and Sturdivant 2013, section 5.2.2).

    Raises:
        TooFew: too few cases of either outcome are expected for a single bin, or for three where fitted here.
    """
    probabilities, kept = paired(promised, right)
    member, count = equal_mass(probabilities, bins)
    columns = (kept - probabilities, probabilities, 1 - probabilities, probabilities * (1 - probabilities))
    sums = np.zeros((count, len(columns)))
    np.add.at(sums, member, np.column_stack(columns))
    joined = _joined(sums)
    degrees = len(joined) - (2 if fitted_here else 0)
    if degrees < 1:
        raise TooFew("Too few cases of either outcome are expected to test calibration by bins.")
    statistic = float((joined[:, 0] ** 2 / joined[:, 3]).sum())
    return FitTest(statistic, chi_square_tail(statistic, degrees), degrees)


def _standardised(excess: Numbers, probabilities: Numbers, weights: Numbers) -> float:
    variance = float((weights**2 * probabilities * (1 - probabilities)).sum())
    if variance <= 0:
        raise TooFew("These promises leave nothing open, so that calibration cannot be tested.")
    return float((weights * excess).sum()) / sqrt(variance)


def _joined(sums: Numbers) -> Numbers:
    """Bins joined with their neighbours until the expected counts, columns 1 and 2, are large enough."""
    done: list[Numbers] = []
    open_bin = np.zeros(sums.shape[1])
    for row in sums:
        open_bin = open_bin + row
        if min(open_bin[1], open_bin[2]) >= _LEAST_EXPECTED:
            done.append(open_bin)
            open_bin = np.zeros(sums.shape[1])
    if done:
        done[-1] = done[-1] + open_bin  # what is left at the end belongs to the last bin
    return np.array(done).reshape(len(done), sums.shape[1])
