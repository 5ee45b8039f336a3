"""An estimate with its bounds: what every statistic that can be wrong returns. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import ArrayLike, NDArray

from learning.errors import TooFew

Numbers = NDArray[np.float64]
Counts = NDArray[np.int64]

#: The share of intervals that hold the truth, unless the caller asks for another.
LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """An estimate and bounds that hold the truth in `level` of all cases; all in the estimate's unit."""

    estimate: float
    low: float
    high: float
    #: 0 to 1.
    level: float = LEVEL

    def holds(self, value: float) -> bool:
        """Whether the truth may be `value`."""
        return self.low <= value <= self.high

    def flipped(self) -> "Interval":
        """The interval of one minus the share."""
        return Interval(1 - self.estimate, 1 - self.high, 1 - self.low, self.level)


def numbers(values: ArrayLike, *, what: str = "values") -> Numbers:
    """The values as a finite, non-empty row of numbers.

    Args:
        what: how the values are called in the messages.

    Raises:
        TooFew: there are none.
        ValueError: they are not one row, or one of them is not finite.
    """
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 1:
        raise ValueError(f"The {what} must be one row of numbers, not of shape {found.shape}.")
    if not len(found):
        raise TooFew(f"There are no {what}, so nothing can be said of them.")
    if not np.isfinite(found).all():
        raise ValueError(f"One of the {what} is not a finite number.")
    return found


def outcomes(values: ArrayLike, *, what: str = "outcomes") -> Numbers:
    """The values as a row of zeros and ones.

    Raises:
        TooFew: there are none.
        ValueError: one of them is neither 0 nor 1.
    """
    found = numbers(values, what=what)
    if not np.isin(found, (0.0, 1.0)).all():
        raise ValueError(f"The {what} must be 0 or 1 each.")
    return found


def shares(values: ArrayLike, *, what: str = "probabilities") -> Numbers:
    """The values as a row of numbers from 0 to 1.

    Raises:
        TooFew: there are none.
        ValueError: one of them lies outside.
    """
    found = numbers(values, what=what)
    if (found < 0).any() or (found > 1).any():
        raise ValueError(f"The {what} must lie between 0 and 1.")
    return found


def same_length(*rows: Sequence[object] | NDArray[np.generic]) -> None:
    """Check that rows belong together.

    Raises:
        ValueError: they differ in length.
    """
    lengths = {len(row) for row in rows}
    if len(lengths) > 1:
        raise ValueError(f"The rows differ in length: {', '.join(map(str, sorted(lengths)))}.")


def check_level(level: float) -> float:
    """The level, if it can be one.

    Raises:
        ValueError: it does not lie between 0 and 1.
    """
    if not (isfinite(level) and 0 < level < 1):
        raise ValueError(f"A level lies between 0 and 1, and {level} does not.")
    return level
