"""How long signals remember: after what time a level tells nothing of what it will be."""

import numpy as np
from numpy.typing import NDArray

from models.anomaly.moments import Vector

_POINTS = 4096
_ALIKE = 0.05
"""Correlations below it are none."""
WANDERS_BELOW = 9.0
"""Independent values in the whole of the readings. A level that took fewer is hardly known: where
it goes next says nothing about whether all is well."""


def independent_values(values: NDArray[np.float64]) -> Vector:
    """How many independent values each signal took: rows / its integrated autocorrelation.

    values: float64, shape (rows, signals), evenly spaced, NaN where nothing is known.
    """
    points = _thinned(values)
    there = ~np.isnan(points)
    means = np.where(there, points, 0.0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    offsets = np.where(there, points - means, 0.0)
    known = len(points)
    spectrum = np.fft.rfft(offsets, 2 * known, axis=0)
    correlation = np.fft.irfft(np.square(np.abs(spectrum)), axis=0)[:known]
    correlation /= np.maximum(correlation[0], 1e-300)
    ended = np.logical_or.accumulate(correlation <= _ALIKE, axis=0)
    lengths = 1.0 + 2.0 * np.where(ended, 0.0, correlation)[1:].sum(axis=0)
    return np.asarray(np.maximum(known / lengths, 1.0))


def wandering(independent: Vector) -> tuple[int, ...]:
    """Indices of the signals whose level is not to be judged; none when all would be."""
    wander = np.flatnonzero(independent < WANDERS_BELOW)
    return () if len(wander) == len(independent) else tuple(int(i) for i in wander)


def _thinned(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means of blocks, as many as there are points."""
    size = -(-len(values) // _POINTS)
    blocks = values[: len(values) // size * size].reshape(-1, size, values.shape[1])
    known = ~np.isnan(blocks)
    counts = known.sum(axis=1)
    sums = np.where(known, blocks, 0.0).sum(axis=1)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
