"""What the last minute was like: features of each signal over a window of time."""

import math
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from models.anomaly.bands import Bands
from models.anomaly.extremes import Extremes
from models.anomaly.features import BANDS, USUAL, Feature
from models.anomaly.moments import Moments, Vector

MAX_ROWS = 1 << 16
"""Rows that a window keeps; of faster signals it covers a shorter time."""

_HUGE = 1e100
"""No sensor means it; its square would be infinite."""


class Window:
    """The rows of the last window_s seconds, as running sums; used alike for fitting and live.

    Rows may come at uneven intervals and lack signals. After a gap longer than the window, or a
    clock that was set back by more than it, the window fills anew; a row that is late by less is
    left out.
    """

    def __init__(
        self, signals: tuple[str, ...], window_s: float, features: Sequence[Feature] = USUAL
    ) -> None:
        if not signals or not 0 < window_s < math.inf:
            raise ValueError("a window has at least one signal and a length above 0 s")
        if not features or len(set(features)) != len(features):
            raise ValueError("a window has at least one feature, and each only once")
        self._signals = signals
        self._window_s = window_s
        self._features = tuple(features)
        self._newest_s = -math.inf
        self._restart(-math.inf)

    def update(self, at: datetime, values: Mapping[str, float]) -> Vector | None:
        """Takes one row; the features at its time, None until rows cover the window.

        float64, shape (features × signals,): of all signals the first feature, then the second, …;
        NaN where too few rows of the window hold the signal (one for a mean, two for a deviation).
        What begins with log_ is given as it is, not yet as its logarithm.
        """
        full = self.take(at.timestamp(), [values.get(name, math.nan) for name in self._signals])
        return self.features() if full else None

    def take(self, at_s: float, numbers: Sequence[float] | Vector) -> bool:
        """Takes one row, NaN where a signal is missing; whether rows cover the window.

        at_s: seconds since 1970.
        """
        if not self._admit(at_s):
            return False
        row = np.array(numbers, np.float64)
        sane = np.abs(row) < _HUGE
        if np.count_nonzero(sane) < row.size:
            row[~sane] = math.nan
        self._push(at_s, row)
        while self._rows[0][0] <= at_s - self._window_s or len(self._rows) > MAX_ROWS:
            self._drop_oldest()
        return at_s - self._begun_s >= self._window_s

    def features(self) -> Vector:
        """The features of the rows that are in the window now: see `update`."""
        if self._moments.stale:
            self._moments.renew(*self._all())
        return np.concatenate([self._feature(name) for name in self._features])

    def _admit(self, at_s: float) -> bool:
        late_s = self._newest_s - at_s
        if abs(late_s) > self._window_s:
            self._restart(at_s)
        elif late_s > 0:
            return False
        self._newest_s = at_s
        return True

    def _restart(self, at_s: float) -> None:
        count, wanted = len(self._signals), set(self._features)
        self._rows: deque[tuple[float, Vector]] = deque()
        self._begun_s = at_s
        self._bands = Bands(count, self._window_s) if wanted & set(BANDS) else None
        self._extremes = Extremes(count) if wanted & {"min", "max"} else None
        columns = count * (1 + len(BANDS)) if self._bands else count
        self._moments = Moments(columns, slopes="slope" in wanted)

    def _push(self, at_s: float, row: Vector) -> None:
        if self._extremes:
            self._extremes.add(row)
        if self._bands:
            row = np.concatenate((row, self._bands.squares(at_s, row)))
        self._rows.append((at_s, row))
        self._moments.add(at_s, row)

    def _drop_oldest(self) -> None:
        self._moments.drop(*self._rows.popleft())
        if self._extremes:
            rest = self._all()[1] if self._extremes.used_up else None
            self._extremes.drop(None if rest is None else rest[:, : len(self._signals)])

    def _all(self) -> tuple[Vector, NDArray[np.float64]]:
        """Times, shape (rows,), and rows, shape (rows, columns)."""
        return np.array([at_s for at_s, _ in self._rows]), np.stack([row for _, row in self._rows])

    def _feature(self, name: Feature) -> Vector:
        count = len(self._signals)
        if name == "mean":
            return self._moments.mean[:count]
        if name == "log_deviation":
            return self._moments.deviation[:count]
        if name == "slope":
            return self._moments.slope[:count] * self._window_s
        if self._extremes and name in ("min", "max"):
            return self._extremes.both[name == "max"]
        band = count * (1 + BANDS.index(name))
        return np.sqrt(np.maximum(self._moments.mean[band : band + count], 0.0))
