"""Whether a model still fits: what it said day by day, how far signals are from its training."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np

from models.anomaly.anomaly import Anomaly
from models.anomaly.drift_day import Day
from models.anomaly.features import LEVELS, Feature
from models.anomaly.manifest import Manifest
from models.anomaly.moments import Vector
from models.anomaly.standard import Standard

DAYS = 7
ENOUGH_S = 72_000.0
"""Readings of so long come before anything is called far off: nights are cooler than days."""
FAR, NEAR = 2.0, 1.6
"""Training deviations from which on a mean of a day or two is told, and below which no longer."""
MANY, FEW = 3.0, 2.0
"""The same of the share above the threshold, in upper limits of the share that was aimed at."""
TOLD = 16
"""Signals that a report names at most."""


@dataclass(frozen=True, slots=True)
class Shift:
    """The feature of a signal that is furthest from its training mean, in training deviations."""

    signal: str
    feature: Feature
    deviations: float


@dataclass(frozen=True, slots=True)
class DriftReport:
    """today, yesterday: None without a judgement. week: the last seven days with today.

    shifts: of today and yesterday, one for each signal, furthest first, at most TOLD of them.
    far: those of them that are far off; often: whether far too much lies above the threshold.
    """

    today: Day | None
    yesterday: Day | None
    week: Day
    recent: Day
    shifts: tuple[Shift, ...]
    far: tuple[Shift, ...]
    often: bool


class Drift:
    """Of one model on one sensor. `add` is called by one thread, the others by any."""

    def __init__(self, manifest: Manifest, standard: Standard, days: Sequence[Day] = ()) -> None:
        """days: what was remembered, in order."""
        self.manifest = manifest
        self._signal_of, self._kind_of = standard.signal_of, standard.kind_of
        self._days = deque((day for day in days if day.features == self._width), DAYS)
        self._all = np.ones(self._width, np.bool_)
        self._last_s: float | None = None
        self._lock = Lock()
        self._far: set[int] = set()
        self._often = False

    @property
    def _width(self) -> int:
        return len(self._signal_of)

    @property
    def model(self) -> str:
        """The hash of the model's numbers."""
        return self.manifest.weights.sha256

    @property
    def days(self) -> tuple[Day, ...]:
        """Copies of what is known, in order."""
        with self._lock:
            return tuple(day.plus(Day(day.number, self._width)) for day in self._days)

    def add(self, number: int, at_s: float, anomaly: Anomaly, z: Vector) -> None:
        """Takes in one judgement.

        number: which day of a clock that does not go back. at_s: the reading's own time.
        """
        passed_s = 0.0 if self._last_s is None else at_s - self._last_s
        self._last_s = at_s
        known = self._all
        if anomaly.absent:
            absent = [self.manifest.signals.index(name) for name in anomaly.absent]
            known = ~np.isin(self._signal_of, absent)
        with self._lock:
            day = self._day(number)
            day.add(anomaly, z, known, min(max(passed_s, 0.0), self.manifest.window_s))

    def report(self, number: int) -> DriftReport:
        """What is to be told on that day; remembers what was told as far off."""
        by_number = {day.number: day for day in self.days}
        empty = Day(number, self._width)
        today, yesterday = by_number.get(number), by_number.get(number - 1)
        recent = (today or empty).plus(yesterday or empty)
        week = empty
        for other in by_number.values():
            week = week.plus(other) if number - DAYS < other.number <= number else week
        shifts = recent.shifts
        self._judge(recent, shifts)
        furthest = self._furthest(shifts)
        return DriftReport(
            today=today,
            yesterday=yesterday,
            week=week,
            recent=recent,
            shifts=tuple(self._shift(i, shifts) for i in furthest[:TOLD]),
            far=tuple(self._shift(i, shifts) for i in furthest if i in self._far),
            often=self._often,
        )

    def _day(self, number: int) -> Day:
        if not self._days or number > self._days[-1].number:
            self._days.append(Day(number, self._width))
        return self._days[-1]

    def _judge(self, recent: Day, shifts: Vector) -> None:
        enough = recent.covered_s >= ENOUGH_S
        self._far = {
            i
            for i, off in enumerate(np.abs(shifts).tolist())
            if enough and off >= (NEAR if i in self._far else FAR)
        }
        upper = self.manifest.false_alarm_interval[1]
        self._often = enough and recent.share_above > upper * (FEW if self._often else MANY)

    def _furthest(self, shifts: Vector) -> list[int]:
        """For each signal the column that is furthest off, the furthest of all first."""
        order = np.argsort(-np.abs(shifts), kind="stable")
        first = np.unique(self._signal_of[order], return_index=True)[1]
        return [int(order[i]) for i in np.sort(first)]

    def _shift(self, column: int, shifts: Vector) -> Shift:
        signal = self.manifest.signals[int(self._signal_of[column])]
        feature = self.manifest.features[int(self._kind_of[column])]
        return Shift(signal, feature, float(shifts[column]))


def in_words(shift: Shift) -> str:
    """What is so of the signal, as the end of a sentence."""
    off = abs(shift.deviations)
    if shift.feature in LEVELS:
        where = "above" if shift.deviations > 0 else "below"
        return f"signal {shift.signal} lies {off:.1f} training deviations {where} its training"
    if shift.feature == "slope":
        how = "rises" if shift.deviations > 0 else "falls"
        return f"signal {shift.signal} {how} {off:.1f} training deviations faster than in training"
    how = "more" if shift.deviations > 0 else "less"
    return f"signal {shift.signal} moves {off:.1f} training deviations {how} than in training"
