"""What the last minute was like: mean and deviation of each signal over a window of time."""

import math
from collections import deque
from collections.abc import Mapping
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

MAX_ROWS = 1 << 16
"""Rows that a window keeps; of faster signals it covers a shorter time."""

_HUGE = 1e100
"""No sensor means it; its square would be infinite."""

Vector = NDArray[np.float64]


class Window:
    """The rows of the last window_s seconds, as running sums; used alike for fitting and live.

    Rows may come at uneven intervals and lack signals. After a gap longer than the window, or a
    clock that was set back by more than it, the window fills anew; a row that is late by less is
    left out.
    """

    def __init__(self, signals: tuple[str, ...], window_s: float) -> None:
        if not signals or not 0 < window_s < math.inf:
            raise ValueError("a window has at least one signal and a length above 0 s")
        self._signals = signals
        self._window_s = window_s
        self._newest_s = -math.inf
        self._restart(-math.inf)

    def update(self, at: datetime, values: Mapping[str, float]) -> Vector | None:
        """Takes one row; the features at its time, None until rows cover the window.

        float64, shape (2 × signals,): all means, then all deviations; NaN where too few rows of
        the window hold the signal (one for a mean, two for a deviation).
        """
        at_s = at.timestamp()
        if not self._admit(at_s):
            return None
        self._push(at_s, [values.get(name, math.nan) for name in self._signals])
        while self._rows[0][0] <= at_s - self._window_s or len(self._rows) > MAX_ROWS:
            self._drop_oldest()
        if at_s - self._begun_s < self._window_s:
            return None
        if self._stale():
            self._renew()
        return self._features()

    def _admit(self, at_s: float) -> bool:
        late_s = self._newest_s - at_s
        if abs(late_s) > self._window_s:
            self._restart(at_s)
        elif late_s > 0:
            return False
        self._newest_s = at_s
        return True

    def _restart(self, at_s: float) -> None:
        size = len(self._signals)
        self._rows: deque[tuple[float, Vector, Vector]] = deque()
        self._begun_s = at_s
        self._origin: Vector = np.full(size, math.nan)
        self._counts: Vector = np.zeros(size)
        self._sums: Vector = np.zeros(size)
        self._squares: Vector = np.zeros(size)
        self._peaks: Vector = np.zeros(size)
        self._fresh_rows = 0

    def _push(self, at_s: float, numbers: list[float]) -> None:
        row = np.array(numbers, np.float64)
        known = np.abs(row) < _HUGE
        row[~known] = math.nan
        self._origin = np.where(np.isnan(self._origin), row, self._origin)
        count = known.astype(np.float64)
        self._rows.append((at_s, row, count))
        offset = self._offset(row)
        self._counts += count
        self._sums += offset
        self._squares += offset * offset
        np.maximum(self._peaks, self._squares, out=self._peaks)

    def _drop_oldest(self) -> None:
        _, row, count = self._rows.popleft()
        offset = self._offset(row)
        self._counts -= count
        self._sums -= offset
        self._squares -= offset * offset
        self._fresh_rows -= 1

    def _offset(self, row: NDArray[np.float64]) -> NDArray[np.float64]:
        offset = row - self._origin
        offset[np.isnan(offset)] = 0.0
        return offset

    def _stale(self) -> bool:
        """Whether the sums are to be made afresh: when the window has just filled, once for every
        window of rows, and when a number that was far off has left its rounding errors."""
        return self._fresh_rows <= 0 or bool((self._squares < 1e-8 * self._peaks).any())

    def _renew(self) -> None:
        """Sums afresh about the medians, which no single number that is far off can move."""
        rows = np.stack([row for _, row, _ in self._rows])
        known = self._counts > 0
        self._origin = np.full(known.shape, math.nan)
        self._origin[known] = np.nanmedian(rows[:, known], axis=0)
        offsets = self._offset(rows)
        self._sums = offsets.sum(axis=0)
        self._squares = np.square(offsets).sum(axis=0)
        self._peaks = self._squares.copy()
        self._fresh_rows = max(256, len(rows))

    def _features(self) -> Vector:
        counts = np.maximum(self._counts, 1.0)
        means = self._sums / counts
        deviations = np.sqrt(np.maximum(self._squares / counts - means * means, 0.0))
        means = np.where(self._counts >= 1, self._origin + means, math.nan)
        deviations = np.where(self._counts >= 2, deviations, math.nan)
        return np.concatenate((means, deviations))
