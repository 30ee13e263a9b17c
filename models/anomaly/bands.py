"""Splits fast signals into bands: what moves within moments, and what moves slowly."""

import math

import numpy as np
from numpy.typing import NDArray

from models.anomaly.moments import Vector

SHARES = (1 / 64, 1 / 16, 1 / 4)
"""Of the window: the time constants of the low-passes; a band is what lies between two of them."""


class Bands:
    """Low-passes of first order, exact at uneven intervals; a signal that is silent holds."""

    def __init__(self, signals: int, window_s: float) -> None:
        self._constants_s = np.array(SHARES)[:, np.newaxis] * window_s
        self._levels: NDArray[np.float64] = np.full((len(SHARES), signals), math.nan)
        self._last_s = math.nan

    def squares(self, at_s: float, row: Vector) -> Vector:
        """The square of each band at this moment, fast ones first: float64, (3 × signals,)."""
        step_s = 0.0 if math.isnan(self._last_s) else at_s - self._last_s
        self._last_s = at_s
        known = ~np.isnan(row)
        fresh = known & np.isnan(self._levels[0])
        self._levels[:, fresh] = row[fresh]
        moved = -np.expm1(-step_s / self._constants_s) * (row - self._levels)
        self._levels += np.where(known, moved, 0.0)
        above = np.vstack((row, self._levels[:-1]))
        bands: Vector = np.square(above - self._levels).ravel()
        return np.where(np.tile(known, len(SHARES)), bands, math.nan)
