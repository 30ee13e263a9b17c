"""Least and greatest of the rows of a window, without looking at all of them for each new one."""

import math

import numpy as np
from numpy.typing import NDArray

from models.anomaly.moments import Vector


class Extremes:
    """A window as an older part, of which the extremes of every rest are known, and a newer one, of
    which those of the whole are; when the older part is used up, the newer one takes its place.
    """

    def __init__(self, columns: int) -> None:
        self._nothing = np.full((2, columns), math.nan)
        self._newer = self._nothing
        self._older: NDArray[np.float64] = np.empty((2, 0, columns))
        self._left = 0

    def add(self, row: Vector) -> None:
        """Takes in a row."""
        self._newer = np.stack((np.fmin(self._newer[0], row), np.fmax(self._newer[1], row)))

    def drop(self, rest: NDArray[np.float64] | None) -> None:
        """The oldest row has left the window. rest: all rows that are left, where `used_up`."""
        if rest is None:
            self._left -= 1
            return
        backwards = rest[::-1]
        self._older = np.stack((np.fmin.accumulate(backwards), np.fmax.accumulate(backwards)))
        self._left, self._newer = len(rest), self._nothing

    @property
    def used_up(self) -> bool:
        """Whether the older part has no row left."""
        return self._left == 0

    @property
    def both(self) -> tuple[Vector, Vector]:
        """Least and greatest; NaN where nothing is known."""
        if self.used_up:
            return self._newer[0], self._newer[1]
        least, greatest = self._older[:, self._left - 1]
        return np.fmin(least, self._newer[0]), np.fmax(greatest, self._newer[1])
