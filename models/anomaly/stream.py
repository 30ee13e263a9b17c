"""Judges readings as they arrive; needs numpy alone."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import compress
from pathlib import Path

import numpy as np

from models.anomaly.anomaly import Anomaly
from models.anomaly.bundle import AnomalyBundle, open_bundle
from models.anomaly.drift import Drift
from models.anomaly.drift_day import Day
from models.anomaly.manifest import Manifest
from models.anomaly.moments import Vector
from models.anomaly.usual import Usual, usual_of
from models.anomaly.window import Window
from models.errors import ModelError
from models.prediction import ModelId

JUDGED_IN_WINDOW = 64
"""A window is judged at most so often while its length goes by."""


class AnomalyModel:
    """An opened bundle; one model serves any number of streams."""

    def __init__(self, bundle: AnomalyBundle) -> None:
        self._bundle = bundle

    @staticmethod
    def open(where: Path | str) -> "AnomalyModel":
        """The bundle in that folder, or the built-in one of that name. Raises BundleError."""
        return AnomalyModel(open_bundle(Path(where)))

    @property
    def id(self) -> ModelId:
        """Which model it is, with the hash of its numbers."""
        manifest = self.manifest
        return ModelId(manifest.name, manifest.version, manifest.weights.sha256, "numpy")

    @property
    def manifest(self) -> Manifest:
        """What the bundle says of itself."""
        return self._bundle.manifest

    @property
    def signals(self) -> tuple[str, ...]:
        """The signals that it judges; a reading may hold others, which it does not look at."""
        return self._bundle.manifest.signals

    @property
    def usual(self) -> dict[str, Usual]:
        """Where each signal usually is."""
        return usual_of(self._bundle)

    def new_drift(self, days: Sequence[Day] = ()) -> Drift:
        """Whether it still fits; days: what is remembered of it."""
        return Drift(self.manifest, self._bundle.standard, days)

    def new_stream(self, offered: Iterable[str] | None = None) -> "Stream":
        """A stream with a window of its own.

        offered: the signals that the sensor has; ModelError when one of the model's is not there.
        """
        missing = [] if offered is None else sorted(set(self.signals) - set(offered))
        if missing:
            raise ModelError(
                f"model {self.manifest.name} needs the signals {', '.join(missing)}, "
                "which the sensor does not have: fit a model on readings of this sensor"
            )
        return Stream(self._bundle)


class Stream:
    """The readings of one sensor, in order of time."""

    def __init__(self, bundle: AnomalyBundle) -> None:
        manifest = bundle.manifest
        self._bundle = bundle
        self._signals = manifest.signals
        self._window = Window(self._signals, manifest.window_s, manifest.features)
        self._every_s = manifest.window_s / JUDGED_IN_WINDOW
        self._judged_s = -math.inf
        self.z: Vector = np.zeros(len(bundle.standard.signal_of))
        """The standardised features that were judged last; 0 what was unknown."""

    def update(self, at: datetime, values: Mapping[str, float]) -> Anomaly | None:
        """Takes one reading and judges the window that ends with it.

        None while the window fills (at the start and after a gap longer than it), for a reading
        that is late, when the window holds none of the signals, and when one was judged less than
        1/64 of the window ago: neither would differ, and fast signals cost little.
        """
        at_s = at.timestamp()
        numbers = [values.get(name, math.nan) for name in self._signals]
        if not self._window.take(at_s, numbers) or 0 <= at_s - self._judged_s < self._every_s:
            return None
        self._judged_s = at_s
        features = self._window.features()
        unknown = np.isnan(features[: len(self._signals)])
        absent = tuple(compress(self._signals, unknown.tolist()))
        return None if absent == self._signals else self._judged(features, absent)

    def _judged(self, features: Vector, absent: tuple[str, ...]) -> Anomaly:
        bundle = self._bundle
        self.z = bundle.standard.apply(features)
        score, why = bundle.svm.score(self.z), partial(bundle.shares, self.z)
        return Anomaly(score, bundle.manifest.threshold, why, absent, bundle.manifest.clear)
