"""How uncertain the frames of each class were of late, in memory that does not grow."""

from math import exp

import numpy as np
from numpy.typing import NDArray

BINS = 256
MAX_CLASSES = 256
"""Those that come later share the last place."""
LEAST_AGE_S = 60.0
"""A rate is measured over this at least: the first frame says little of how many will come."""
FADED = 1e-9
"""Frames that count as seen in each bin, so that there is always something to divide."""


def bin_of(uncertainty: float) -> int:
    """Of 0..1, in which of BINS; what is beyond counts as the end."""
    return int(min(max(uncertainty, 0.0), 1.0) * (BINS - 1) + 0.5)


class Fading:
    """How long something has been looked at, when what is memory_s ago counts for 1/e.

    at_s: until when. Times may come out of order.
    """

    def __init__(self, memory_s: float, at_s: float, age_s: float = 0.0) -> None:
        self.age_s, self.at_s = age_s, at_s
        self._memory_s = memory_s

    def fade(self, at_s: float) -> float:
        """By how much to multiply what was counted before; 1 where no time passed."""
        left = exp(min(self.at_s - at_s, 0.0) / self._memory_s)
        self.age_s = self.age_s * left + (1.0 - left) * self._memory_s
        self.at_s = max(self.at_s, at_s)
        return left


class Rate:
    """Frames in a second, of about the last memory_s."""

    def __init__(self, memory_s: float, at_s: float) -> None:
        self._fading = Fading(memory_s, at_s)
        self._seen = 0.0

    def per_s(self, more: int, at_s: float) -> float:
        """After so many more have come since it was asked last."""
        self._seen = self._seen * self._fading.fade(at_s) + more
        return self._seen / max(self._fading.age_s, LEAST_AGE_S)


class Uncertainties:
    """A histogram for each class that fades.

    places: of each label its row. seen: (classes, BINS) float64, frames. fading: how long they have
    been looked at, until when.
    """

    def __init__(self, memory_s: float, at_s: float, age_s: float = 0.0) -> None:
        self.places: dict[str, int] = {}
        self.seen: NDArray[np.float64] = np.zeros((0, BINS))
        self.fading = Fading(memory_s, at_s, age_s)

    def place(self, label: str) -> int:
        """The row of that label; a new one where there is none."""
        place = self.places.get(label)
        return self._new_place(label) if place is None else place

    def see(self, label: str, bin: int) -> int:
        """Counts a frame; returns the row of its label."""
        place = self.place(label)
        self.seen[place, bin] += 1.0
        return place

    def per_s(self, at_s: float) -> NDArray[np.float64]:
        """(classes,): frames in a second; first lets what was seen fade."""
        self.seen *= self.fading.fade(at_s)
        rates: NDArray[np.float64] = self.seen.sum(axis=1) / max(self.fading.age_s, LEAST_AGE_S)
        return rates

    def cuts(self, shares: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """(classes,) each: the lowest bin that the most uncertain share of a class reaches down to.

        And which part of that bin is within it; all above is. shares: (classes,), 0..1.
        """
        mass = self.seen + FADED
        from_here_up = np.cumsum(mass[:, ::-1], axis=1)[:, ::-1]
        wanted = shares * from_here_up[:, 0]
        rows = np.arange(len(mass))
        cut = np.maximum((from_here_up >= wanted[:, None]).sum(axis=1) - 1, 0)
        at_cut = mass[rows, cut]
        return cut, (wanted - (from_here_up[rows, cut] - at_cut)) / at_cut

    def _new_place(self, label: str) -> int:
        if len(self.places) == MAX_CLASSES:
            return MAX_CLASSES - 1
        self.places[label] = len(self.seen)
        self.seen = np.vstack((self.seen, np.zeros((1, BINS))))
        return self.places[label]
