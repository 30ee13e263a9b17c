"""Thins rows so that what is rare stays: of each small region, one row."""

import numpy as np
from numpy.typing import NDArray

_SEED = 1
_ROUNDS = 24


def covering(z: NDArray[np.float64], limit: int) -> NDArray[np.intp]:
    """Indices, rising, of at most `limit` rows that lie wherever rows of z lie.

    The space is cut into cubes, small enough that no more would fit; of each, the first row.
    z: float64, shape (rows, features), standardised.
    """
    if len(z) <= limit:
        return np.arange(len(z))
    low, high = 0.0, 64.0
    chosen = np.linspace(0, len(z) - 1, 1).astype(np.intp)
    for _ in range(_ROUNDS):
        side = (low + high) / 2
        first = _first_of_each(z, side)
        if len(first) > limit:
            low = side
        else:
            high, chosen = side, first
        if 0.95 * limit <= len(chosen) <= limit:
            break
    return np.sort(chosen)


def _first_of_each(z: NDArray[np.float64], side: float) -> NDArray[np.intp]:
    """The first row of each cube of that side; cubes are told apart by a hash of 64 bits."""
    odd = np.random.default_rng(_SEED).integers(1, 1 << 62, z.shape[1], dtype=np.int64) | 1
    cubes = np.clip(np.floor(z / side), -(1 << 31), 1 << 31).astype(np.int64)
    with np.errstate(over="ignore"):
        names = (cubes * odd).sum(axis=1)
    return np.unique(names, return_index=True)[1]
