"""Mean, deviation and slope of columns, as sums that rows are added to and taken from."""

import math

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


class Moments:
    """Sums over the rows of a window, about an origin in its midst.

    A number that is NaN counts in its column only as missing. Rounding errors do not grow: the sums
    are to be made afresh by `renew` whenever they are `stale`.
    """

    def __init__(self, columns: int, slopes: bool = False) -> None:
        """slopes: keep what `slope` needs, too."""
        self._slopes = slopes
        self._origin: Vector = np.full(columns, math.nan)
        self._origin_s = math.nan
        self._sums: Vector = np.zeros((6 if slopes else 3, columns))
        self._peaks: Vector = np.zeros(columns)
        self._fresh_rows = 0
        self._unset = True
        """Whether a column has no origin yet."""

    def add(self, at_s: float, row: Vector) -> None:
        """Takes in a row."""
        if self._unset:
            self._origin = np.where(np.isnan(self._origin), row, self._origin)
            self._unset = bool(np.isnan(self._origin).any())
        if math.isnan(self._origin_s):
            self._origin_s = at_s
        self._sums += self._terms(at_s, row)
        np.maximum(self._peaks, self._sums[2], out=self._peaks)

    def drop(self, at_s: float, row: Vector) -> None:
        """Takes a row out again."""
        self._sums -= self._terms(at_s, row)
        self._fresh_rows -= 1

    @property
    def stale(self) -> bool:
        """Whether the sums are to be made afresh: when the window has just filled, once for every
        window of rows, and when a number that was far off has left its rounding errors."""
        return self._fresh_rows <= 0 or bool((self._sums[2] < 1e-8 * self._peaks).any())

    def renew(self, times_s: Vector, rows: NDArray[np.float64]) -> None:
        """Sums afresh about the medians, which no single number that is far off can move."""
        known = ~np.isnan(rows).all(axis=0)
        self._origin = np.full(known.shape, math.nan)
        self._origin[known] = np.nanmedian(rows[:, known], axis=0)
        self._unset = not known.all()
        self._origin_s = float(times_s[-1])
        self._sums = self._terms(times_s[:, np.newaxis], rows).sum(axis=1)
        self._peaks = self._sums[2].copy()
        self._fresh_rows = max(256, len(rows))

    @property
    def mean(self) -> Vector:
        """NaN where no number is known."""
        counts, sums, _ = self._sums[:3]
        if counts.min() >= 1:
            return np.asarray(self._origin + sums / counts)
        return np.where(counts >= 1, self._origin + sums / np.maximum(counts, 1.0), math.nan)

    @property
    def deviation(self) -> Vector:
        """NaN where fewer than two numbers are known."""
        counts, sums, squares = self._sums[:3]
        if counts.min() >= 2:
            variance = squares / counts - np.square(sums / counts)
            return np.asarray(np.sqrt(np.maximum(variance, 0.0)))
        known = np.maximum(counts, 1.0)
        variance = squares / known - np.square(sums / known)
        return np.where(counts >= 2, np.sqrt(np.maximum(variance, 0.0)), math.nan)

    @property
    def slope(self) -> Vector:
        """Per second, of the straight line that fits best; NaN where no two moments are known."""
        counts, sums, _, moments, spans, crosses = self._sums
        known = np.maximum(counts, 1.0)
        spread = spans - moments * moments / known
        slope = (crosses - moments * sums / known) / np.where(spread > 0, spread, 1.0)
        return np.where((counts >= 2) & (spread > 0), slope, math.nan)

    def _terms(self, at_s: "float | Vector", row: NDArray[np.float64]) -> NDArray[np.float64]:
        """What a row adds to: count, numbers, squares; with slopes also times, their squares, and
        the products of both. float64, shape (terms, *row.shape)."""
        terms = np.empty((len(self._sums), *row.shape))
        np.subtract(row, self._origin, out=terms[1])
        known = np.equal(terms[1], terms[1], out=terms[0])
        if not known.all():
            terms[1][known == 0] = 0.0
        np.multiply(terms[1], terms[1], out=terms[2])
        if self._slopes:
            np.multiply(known, at_s - self._origin_s, out=terms[3])
            np.multiply(terms[3], terms[3], out=terms[4])
            np.multiply(terms[3], terms[1], out=terms[5])
        return terms
