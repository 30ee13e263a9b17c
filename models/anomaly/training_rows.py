"""Reads a file of normal readings into the feature rows that a model is fitted on."""

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.anomaly.features import BANDS, USUAL, Feature
from models.anomaly.memory import independent_values, wandering
from models.anomaly.moments import Vector
from models.anomaly.source import Source
from models.anomaly.window import Window
from models.errors import ModelError

MAX_NUMBERS = 64 << 20
"""Times and numbers that are held in memory at once, of 8 bytes each."""
MIN_USED = 50
MIN_IN_WINDOW = 3
USUAL_IN_WINDOW = 12
FAST_IN_WINDOW = 256
"""Readings in a window: with as many, a signal is fast enough to be split into bands."""
_MEMORY_SHARE = 1 / 8
"""Of the time that signals remember: the length of the window, where nothing else is said."""


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """The numbers of a file: times_s float64 (rows,), values float64 (rows, signals), NaN where
    a signal is missing."""

    signals: tuple[str, ...]
    losses: Mapping[str, int]
    times_s: Vector
    values: NDArray[np.float64]

    def first(self, share: float) -> "Readings":
        """Those of the first share of the time."""
        if share >= 1 or not len(self.times_s):
            return self
        begin_s, end_s = self.times_s[[0, -1]].tolist()
        return self.part(self.times_s <= begin_s + share * (end_s - begin_s))

    def part(self, wanted: NDArray[np.bool_]) -> "Readings":
        """Some of them."""
        return replace(self, times_s=self.times_s[wanted], values=self.values[wanted])


@dataclass(frozen=True, slots=True, eq=False)
class TrainingRows:
    """read: rows in the file. times_s, features: one per used row, in order of time; features as
    `Window` makes them, float64, shape (used, names × signals). wandering: indices of signals."""

    signals: tuple[str, ...]
    window_s: float
    read: int
    losses: Mapping[str, int]
    names: tuple[Feature, ...]
    wandering: tuple[int, ...]
    times_s: Vector
    features: NDArray[np.float64]


def read_training_rows(
    source: Source,
    window_s: float | None = None,
    names: Sequence[Feature] | None = None,
    max_rows: int = 40_000,
    held_out: float = 0.0,
) -> TrainingRows:
    """The file's feature rows, evenly thinned to at most max_rows.

    window_s: None takes an eighth of the time that the signals remember, at least 12 readings.
    names: None takes mean and deviation, and the bands of signals that are fast.
    held_out: share of the time, the last of it, that is not looked at.
    Raises DeviceUnavailable for a file that cannot be read, ModelError for one that cannot teach.
    """
    readings = read_readings(source).first(1 - held_out)
    independent = independent_values(readings.values) if len(readings.times_s) > 1 else np.ones(1)
    every_s = float(np.median(np.diff(readings.times_s))) if len(readings.times_s) > 1 else 1.0
    window_s = window_s or _window_s(readings.times_s, independent, every_s)
    if window_s < MIN_IN_WINDOW * every_s:
        raise ModelError(
            f"readings of {source.path} come every {every_s:g} s: a window of {window_s:g} s "
            f"holds too few; use {USUAL_IN_WINDOW * every_s:g} s or more"
        )
    fast = every_s > 0 and window_s >= FAST_IN_WINDOW * every_s
    names = tuple(names) if names else USUAL + (BANDS if fast else ())
    times_s, features = feature_rows(readings, window_s, names, max_rows)
    _check(source, readings.signals, window_s, features)
    return TrainingRows(
        signals=readings.signals,
        window_s=window_s,
        read=len(readings.times_s),
        losses=readings.losses,
        names=names,
        wandering=wandering(independent),
        times_s=times_s,
        features=features,
    )


def read_readings(source: Source) -> Readings:
    """The whole file in memory. Raises DeviceUnavailable, ModelError for one that is too large."""
    times, numbers = array("d"), array("d")
    with source.open() as rows:
        for row in source.rows(rows):
            times.append(row.at.timestamp())
            numbers.extend([row.values.get(name, math.nan) for name in rows.signals])
            if len(numbers) > MAX_NUMBERS:
                raise ModelError(f"{source.path} is too long: learn from its first rows only")
        signals, losses = rows.signals, dict(rows.losses)
    values = np.frombuffer(numbers).reshape(-1, len(signals)) if numbers else np.empty((0, 1))
    return Readings(signals, losses, np.array(times), values)


def _window_s(times_s: Vector, independent: Vector, every_s: float) -> float:
    span_s = float(times_s[-1] - times_s[0]) if len(times_s) else 0.0
    remembered_s = span_s / float(np.median(independent))
    return float(f"{max(_MEMORY_SHARE * remembered_s, USUAL_IN_WINDOW * every_s, 1e-3):.3g}")


def feature_rows(
    readings: Readings, window_s: float, names: Sequence[Feature], max_rows: int
) -> tuple[Vector, NDArray[np.float64]]:
    """Times, and features as `Window` makes them, of the readings with a full window before them,
    evenly thinned to about max_rows."""
    window = Window(readings.signals, window_s, names)
    every = max(1, len(readings.times_s) // max_rows)
    times_s, features = array("d"), []
    for i, (at_s, row) in enumerate(zip(readings.times_s.tolist(), readings.values, strict=True)):
        if window.take(at_s, row) and i % every == 0:
            times_s.append(at_s)
            features.append(window.features())
    width = len(names) * len(readings.signals)
    return np.array(times_s), np.array(features, np.float64).reshape(-1, width)


def _check(
    source: Source, signals: tuple[str, ...], window_s: float, features: NDArray[np.float64]
) -> None:
    if len(features) < MIN_USED:
        raise ModelError(
            f"{source.path} holds {len(features)} readings with a full window of {window_s:g} s "
            f"before them; at least {MIN_USED} are needed: record normal readings for longer"
        )
    silent_columns = np.isnan(features).all(axis=0).reshape(-1, len(signals))
    silent = [name for i, name in enumerate(signals) if silent_columns[:, i].any()]
    if silent:
        raise ModelError(
            f"{source.path} has too few numbers under {', '.join(silent)}: leave those signals out"
        )
