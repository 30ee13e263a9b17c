"""What a model said within a day, in little room: how its scores lay, how far features were off."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.anomaly.anomaly import Anomaly
from models.anomaly.moments import Vector

LOW, HIGH, BINS = -2.0, 12.0, 112
"""Of −ln(1 − score), in steps of an eighth: where scores near 1 still differ."""
_REACH = 10.0
"""Deviations that one judgement counts at most: a glitch is no drift."""


@dataclass(slots=True, eq=False)
class Day:
    """number: which day of the steady clock. covered_s: how much of the readings' own time.

    bins: int64, shape (BINS,). sums, counts: of standardised features, shape (features,).
    """

    number: int
    features: int
    judged: int = 0
    above: int = 0
    covered_s: float = 0.0
    bins: NDArray[np.int64] = field(default_factory=lambda: np.zeros(BINS, np.int64))
    sums: Vector = field(default_factory=lambda: np.zeros(0))
    counts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def __post_init__(self) -> None:
        if not self.sums.size:
            self.sums = np.zeros(self.features)
            self.counts = np.zeros(self.features, np.int64)

    def add(self, anomaly: Anomaly, z: Vector, known: NDArray[np.bool_], passed_s: float) -> None:
        """Takes in one judgement.

        z: float64, shape (features,), 0 where nothing was measured. known: which of them were.
        passed_s: since the one before.
        """
        self.judged += 1
        self.above += anomaly.anomalous
        self.covered_s += passed_s
        self.bins[_bin(anomaly.score)] += 1
        self.sums += np.minimum(np.maximum(z, -_REACH), _REACH)
        self.counts += known

    def plus(self, other: "Day") -> "Day":
        """Both as one."""
        return Day(
            self.number,
            self.features,
            self.judged + other.judged,
            self.above + other.above,
            self.covered_s + other.covered_s,
            self.bins + other.bins,
            self.sums + other.sums,
            self.counts + other.counts,
        )

    @property
    def share_above(self) -> float:
        """Of the judgements, those above the threshold."""
        return self.above / self.judged if self.judged else 0.0

    def quantile(self, share: float) -> float | None:
        """The score that this share lies below, to an eighth of 1 − score; None without any."""
        if not self.judged:
            return None
        number = int(np.searchsorted(self.bins.cumsum(), share * self.judged))
        middle = LOW + (min(number, BINS - 1) + 0.5) * (HIGH - LOW) / BINS
        return 1.0 - math.exp(-middle)

    @property
    def shifts(self) -> Vector:
        """The mean of each standardised feature; 0 where none was measured."""
        means: Vector = self.sums / np.maximum(self.counts, 1)
        return means


def _bin(score: float) -> int:
    strangeness = HIGH if score >= 1.0 else -math.log1p(-score)
    return min(max(int((strangeness - LOW) * BINS / (HIGH - LOW)), 0), BINS - 1)
