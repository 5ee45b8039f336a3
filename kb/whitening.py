"""Whitening: a linear map under which wordings of one entry lie close together. Pure.

In some directions wordings of one question differ and in others questions do. A map that evens out the spread within
entries makes distances count the second kind: within-class covariance normalisation (Hatch, Kajarekar and Stolcke,
2006), shrunk towards an even spread while there are few wordings (Ledoit and Wolf, 2004, in spirit; here with a fixed
weight). It is learned from a workspace's own approved wordings only, carries a version, and is part of the ranking's
version: the same entries and the same map give the same scores.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from kb.vectors import Vector

#: As many imagined wordings with an even spread count beside the real ones.
PSEUDO_WORDINGS = 200.0
#: Which part of the whole spread of wordings is taken to lie within entries while nothing is known.
WITHIN = 0.45
#: The whole spread of wordings per dimension of unit vectors, about 0.7 in all: questions of one field share a part.
_SPREAD = 0.7
#: Distances are scaled as if vectors had this many dimensions, so that weights carry over to other models.
_UNIT = 384


@dataclass(frozen=True)
class Whitening:
    """A linear map, and the version that names it."""

    version: str
    #: (dimension, dimension); vectors are multiplied with it from the left.
    matrix: Vector
    #: By which factor it stretches, where it does so evenly in every direction; else None.
    even: float | None = None

    @property
    def dimension(self) -> int:
        """Of the vectors it is made for."""
        return len(self.matrix)

    def apply(self, vectors: Vector) -> Vector:
        """The vectors (…, dimension) under the map, in units of the spread within entries."""
        mapped: Vector = vectors @ self.matrix
        return mapped


def even(dimension: int) -> Whitening:
    """The map of a workspace of which nothing is known: every direction counts the same."""
    scale = float(np.sqrt(_UNIT / (WITHIN * _SPREAD)))
    return Whitening(f"even-{dimension}", np.eye(dimension, dtype=np.float32) * np.float32(scale), scale)


def learn(entries: Iterable[Vector], dimension: int) -> Whitening:
    """The map of a workspace.

    Args:
        entries: for each entry the vectors of its wordings (n, dimension).
        dimension: of the vectors.

    Returns:
        `even` where no entry has two wordings.
    """
    within = np.zeros((dimension, dimension))
    middles, wordings, freedom, spread = [], 0, 0, 0.0
    for vectors in entries:
        wide = vectors.astype(np.float64)
        middle = wide.mean(axis=0)
        middles.append(middle)
        wordings += len(wide)
        if len(wide) > 1:
            apart = wide - middle
            within += apart.T @ apart
            freedom += len(wide) - 1
        spread += float((wide**2).sum())
    if not freedom:
        return even(dimension)
    overall = np.mean(middles, axis=0)
    per_dimension = max(spread / wordings - float(overall @ overall), 1e-3) / dimension
    shrunk = within + np.eye(dimension) * (PSEUDO_WORDINGS * WITHIN * per_dimension)
    shrunk /= freedom + PSEUDO_WORDINGS
    matrix = np.linalg.cholesky(np.linalg.inv(shrunk)) * np.sqrt(_UNIT / dimension)
    matrix = matrix.astype(np.float32)
    return Whitening(f"within-{sha256(matrix.tobytes()).hexdigest()[:12]}", matrix)
