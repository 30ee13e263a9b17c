"""Judges readings as they arrive; needs numpy alone."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

import numpy as np

from models.anomaly.anomaly import Anomaly
from models.anomaly.bundle import AnomalyBundle, open_bundle
from models.anomaly.manifest import Manifest
from models.anomaly.window import Vector, Window
from models.errors import ModelError
from models.prediction import ModelId


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
        self._bundle = bundle
        self._signals = bundle.manifest.signals
        self._window = Window(self._signals, bundle.manifest.window_s)

    def update(self, at: datetime, values: Mapping[str, float]) -> Anomaly | None:
        """Takes one reading and judges the window that ends with it.

        None while the window fills (at the start and after a gap longer than it), for a reading
        that is late, and when the window holds none of the signals.
        """
        features = self._window.update(at, values)
        if features is None:
            return None
        unknown = np.isnan(features[: len(self._signals)])
        if unknown.all():
            return None
        score, parts = self._bundle.svm.judge(self._bundle.standard.apply(features))
        absent = tuple(name for name, out in zip(self._signals, unknown, strict=True) if out)
        return Anomaly(score, self._bundle.manifest.threshold, self._shares(parts), absent)

    def _shares(self, parts: Vector) -> tuple[tuple[str, float], ...]:
        by_signal = parts.reshape(-1, len(self._signals)).sum(axis=0)
        by_signal /= by_signal.sum() or 1.0
        order = np.argsort(-by_signal, kind="stable").tolist()
        shares = by_signal.tolist()
        return tuple((self._signals[i], shares[i]) for i in order)
