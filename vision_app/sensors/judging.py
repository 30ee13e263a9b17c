"""Judges a sensor's readings by the model in use, and takes up another one between two of them."""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from models.anomaly.anomaly import Anomaly
from models.anomaly.in_use import InUse
from models.anomaly.stream import AnomalyModel, Stream
from models.errors import ModelError
from vision_app.sensors.drift_book import DriftBook

log = logging.getLogger("vision_app")

LOOK_S = 2.0
"""So often it is asked whether another model is in use."""
AGAIN_S = 60.0
"""So long after a model that could not be opened it is tried again."""


class Judge(Protocol):
    """What judges one reading after the other."""

    def update(self, at: datetime, values: Mapping[str, float]) -> Anomaly | None:
        """As `models.anomaly.stream.Stream.update`."""


class Judges(Protocol):
    """What makes judges, as a model does."""

    def new_stream(self) -> Judge:
        """One for the readings of one sensor."""


class LiveModel:
    """The model in use of one sensor."""

    def __init__(
        self,
        sensor: str,
        in_use: InUse,
        model: AnomalyModel,
        book: DriftBook,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """model: the one that is in use now."""
        self.model = model
        self._parts = sensor, in_use, model, book, clock

    def new_stream(self) -> "Judging":
        """Judges its readings."""
        return Judging(*self._parts)


class Judging:
    """Judges by the one model until the window of the next is full, so that no moment is missed."""

    def __init__(
        self,
        sensor: str,
        in_use: InUse,
        model: AnomalyModel,
        book: DriftBook,
        clock: Callable[[], float],
    ) -> None:
        self._sensor, self._in_use, self._book, self._clock = sensor, in_use, book, clock
        self._stamp, self._look_s = in_use.stamp(), clock() + LOOK_S
        self._stream, self._drift = model.new_stream(), book.open(sensor, model)
        self._next: tuple[AnomalyModel, Stream] | None = None

    def update(self, at: datetime, values: Mapping[str, float]) -> Anomaly | None:
        """As `models.anomaly.stream.Stream.update`."""
        if self._clock() >= self._look_s:
            self._look()
        anomaly = self._stream.update(at, values)
        if self._next is not None:
            anomaly = self._warmed(*self._next, at, values) or anomaly
        if anomaly is not None:
            self._drift.add(self._book.today, at.timestamp(), anomaly, self._stream.z)
        return anomaly

    def _warmed(
        self, model: AnomalyModel, stream: Stream, at: datetime, values: Mapping[str, float]
    ) -> Anomaly | None:
        """What the next model says; once its window is full it takes over."""
        anomaly = stream.update(at, values)
        if anomaly is not None:
            self._stream, self._drift = stream, self._book.open(self._sensor, model)
            self._next = None
            log.info(
                "sensor %s is judged by model %s %s from now on",
                self._sensor, model.id.name, model.id.version,
            )  # fmt: skip
        return anomaly

    def _look(self) -> None:
        """Opens another model where one is in use now."""
        self._look_s = self._clock() + LOOK_S
        stamp = self._in_use.stamp()
        if stamp == self._stamp:
            return
        try:
            model = AnomalyModel.open(self._in_use.path)
        except ModelError as error:
            self._look_s = self._clock() + AGAIN_S
            log.warning("sensor %s is judged by the model before: %s", self._sensor, error)
        else:
            self._stamp, self._next = stamp, (model, model.new_stream())
