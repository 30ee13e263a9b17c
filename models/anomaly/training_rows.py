"""Reads a file of normal readings into the feature rows that a model is fitted on."""

from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from models.anomaly.source import Source
from models.anomaly.window import Vector, Window
from models.errors import ModelError

MAX_USED = 10_000
"""An exact fit takes time with the square of the rows and more; these are spread over the file."""
MIN_USED = 50
MIN_IN_WINDOW = 3


@dataclass(frozen=True, slots=True, eq=False)
class TrainingRows:
    """read: rows in the file. times_s, features: one per used row, in order of time; features as
    `Window` makes them, float64, shape (used, 2 × signals)."""

    signals: tuple[str, ...]
    window_s: float
    read: int
    losses: dict[str, int]
    times_s: Vector
    features: NDArray[np.float64]


class _Thinned:
    """At most twice MAX_USED rows of a stream of any length, evenly spread."""

    def __init__(self) -> None:
        self.kept: list[tuple[float, Vector]] = []
        self._every = 1
        self._seen = 0

    def add(self, at_s: float, features: Vector) -> None:
        if self._seen % self._every == 0:
            self.kept.append((at_s, features))
        self._seen += 1
        if len(self.kept) == 2 * MAX_USED:
            self.kept = self.kept[::2]
            self._every *= 2


def read_training_rows(source: Source, window_s: float | None) -> TrainingRows:
    """The file's feature rows, thinned; without a window_s it is 30 readings, or at least 30 s.

    Raises DeviceUnavailable for a file that cannot be read, ModelError for one that cannot teach.
    """
    window_s = _window_s(source, window_s)
    thinned, read = _Thinned(), 0
    with source.open() as rows:
        window = Window(rows.signals, window_s)
        for row in source.rows(rows):
            read += 1
            features = window.update(row.at, row.values)
            if features is not None:
                thinned.add(row.at.timestamp(), features)
        signals, losses = rows.signals, dict(rows.losses)
    times_s, features = _evenly(thinned.kept, source.path, window_s)
    _check_known(signals, features, source.path)
    return TrainingRows(signals, window_s, read, losses, times_s, features)


def _window_s(source: Source, asked_s: float | None) -> float:
    with source.open() as rows:
        times = [row.at.timestamp() for row in islice(source.rows(rows), 1000)]
    every_s = median(b - a for a, b in pairwise(times)) if len(times) > 1 else 1.0
    window_s = max(30.0, 30 * every_s) if asked_s is None else asked_s
    if window_s < MIN_IN_WINDOW * every_s:
        raise ModelError(
            f"readings of {source.path} come every {every_s:g} s: "
            f"a window of {window_s:g} s holds too few; use {30 * every_s:g} s or more"
        )
    return window_s


def _evenly(
    kept: list[tuple[float, Vector]], path: Path, window_s: float
) -> tuple[Vector, NDArray[np.float64]]:
    if len(kept) < MIN_USED:
        raise ModelError(
            f"{path} holds {len(kept)} readings with a full window of {window_s:g} s before them; "
            f"at least {MIN_USED} are needed: record normal readings for longer"
        )
    chosen = np.linspace(0, len(kept) - 1, min(len(kept), MAX_USED)).round().astype(int)
    return np.array([kept[i][0] for i in chosen]), np.stack([kept[i][1] for i in chosen])


def _check_known(signals: tuple[str, ...], features: NDArray[np.float64], path: Path) -> None:
    rows_known = (~np.isnan(features)).sum(axis=0)[len(signals) :].tolist()
    silent = [name for name, rows in zip(signals, rows_known, strict=True) if not rows]
    if silent:
        raise ModelError(
            f"{path} has too few numbers under {', '.join(silent)}: leave those signals out"
        )
