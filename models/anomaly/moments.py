"""Mean, deviation and slope of columns, as sums that rows are added to and taken from."""

import math

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


class Moments:
    """Sums over the rows of a window, about an origin in its midst.

    A number that is NaN counts in its column only as missing. Rounding errors do not grow: the sums
    are to be made afresh by `renew` whenever they are `stale`.

    `count_nonzero` stands where `any` or `all` would: of few numbers it takes a third of the time.
    """

    def __init__(self, columns: int, slopes: bool = False) -> None:
        """slopes: keep what `slope` needs, too."""
        self._slopes = slopes
        self._origin: Vector = np.full(columns, math.nan)
        self._origin_s = math.nan
        self._sums: NDArray[np.float64] = np.zeros((6 if slopes else 3, columns))
        self._counts, self._numbers, self._squares = self._sums[:3]
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
        np.maximum(self._peaks, self._squares, out=self._peaks)

    def drop(self, at_s: float, row: Vector) -> None:
        """Takes a row out again."""
        self._sums -= self._terms(at_s, row)
        self._fresh_rows -= 1

    @property
    def stale(self) -> bool:
        """Whether the sums are to be made afresh: when the window has just filled, once for every
        window of rows, and when a number that was far off has left its rounding errors."""
        worn = self._squares < 1e-8 * self._peaks
        return self._fresh_rows <= 0 or bool(np.count_nonzero(worn))

    def renew(self, times_s: Vector, rows: NDArray[np.float64]) -> None:
        """Sums afresh about the medians, which no single number that is far off can move."""
        known = ~np.isnan(rows).all(axis=0)
        self._origin = np.full(known.shape, math.nan)
        self._origin[known] = np.nanmedian(rows[:, known], axis=0)
        self._unset = not known.all()
        self._origin_s = float(times_s[-1])
        self._terms(times_s[:, np.newaxis], rows).sum(axis=1, out=self._sums)
        self._peaks = self._squares.copy()
        self._fresh_rows = max(256, len(rows))

    @property
    def mean(self) -> Vector:
        """NaN where no number is known."""
        return np.asarray(self._origin + self._numbers / self._counts_from(1))

    @property
    def deviation(self) -> Vector:
        """NaN where fewer than two numbers are known."""
        counts = self._counts_from(2)
        variance = self._squares / counts - np.square(self._numbers / counts)
        return np.asarray(np.sqrt(np.maximum(variance, 0.0)))

    @property
    def slope(self) -> Vector:
        """Per second, of the straight line that fits best; NaN where no two moments are known."""
        counts, sums, _, moments, spans, crosses = self._sums
        known = np.maximum(counts, 1.0)
        spread = spans - moments * moments / known
        slope = (crosses - moments * sums / known) / np.where(spread > 0, spread, 1.0)
        return np.where((counts >= 2) & (spread > 0), slope, math.nan)

    def _counts_from(self, least: int) -> Vector:
        """How many numbers are known; NaN where fewer than so many are."""
        few = self._counts < least
        return np.where(few, math.nan, self._counts) if np.count_nonzero(few) else self._counts

    def _terms(self, at_s: "float | Vector", row: NDArray[np.float64]) -> NDArray[np.float64]:
        """What a row adds to: count, numbers, squares; with slopes also times, their squares, and
        the products of both. float64, shape (terms, *row.shape)."""
        terms = np.empty((len(self._sums), *row.shape))
        known, numbers, squares = terms[0], terms[1], terms[2]
        known.fill(1.0)
        np.subtract(row, self._origin, out=numbers)
        missing = np.isnan(numbers)
        if np.count_nonzero(missing):
            known[missing] = numbers[missing] = 0.0
        np.multiply(numbers, numbers, out=squares)
        if self._slopes:
            np.multiply(known, at_s - self._origin_s, out=terms[3])
            np.multiply(terms[3], terms[3], out=terms[4])
            np.multiply(terms[3], numbers, out=terms[5])
        return terms
