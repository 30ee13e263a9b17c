"""One reading's whole journey: judge it, raise or clear the alert, keep it for bulk upload."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from devices.errors import DeviceError, DeviceUnavailable, EndOfSource, NothingYet
from devices.reading import Reading
from devices.sensor import Sensor, open_sensor
from devices.sensor_settings import SensorSettings
from models.anomaly.anomaly import Anomaly
from uploader.bulk.bulk import Bulk
from vision_app.alerting.alert import Alert
from vision_app.cameras.capture import READ_S, State
from vision_app.losses import Losses
from vision_app.retry import DEVICE, Retry
from vision_app.sensors.judging import Judges

log = logging.getLogger("vision_app")


@dataclass(slots=True)
class SensorView:
    """What health tells of a sensor; written by its own thread only.

    problems: what is wrong with it or its signals now, as reason → sentence.
    """

    state: State = State.OPENING
    problems: Mapping[str, str] = field(default_factory=dict)
    readings: int = 0
    anomalous: int = 0
    alerts: int = 0
    score: float | None = None
    threshold: float | None = None
    losses: Counter[str] = field(default_factory=Counter)


Judge = Callable[[str, datetime, Anomaly, Mapping[str, float]], Alert | None]
"""`vision_app.alerting.desk.Desk.judge`."""


class Sensing:
    """One sensor: opens it, reads it, judges each reading at once."""

    def __init__(
        self,
        settings: SensorSettings,
        model: Judges | None,
        bulk: Bulk | None,
        judge: Judge,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """judge: is told what the model says of each reading, and makes alerts of that."""
        self.settings = settings
        self.view = SensorView()
        self.wait_s = 0.0
        self._stream = model.new_stream() if model else None
        self._bulk, self._judged = bulk, judge
        self._sensor: Sensor | None = None
        self._losses = Losses(self.view.losses)
        self._retry, self._clock, self._heard_s = Retry(DEVICE), clock, 0.0

    def step(self) -> State:
        """Opens the sensor if it is closed, else sees one reading through."""
        self.wait_s = 0.0
        if self.view.state is State.ENDED:
            self.wait_s = 1.0
        elif self._sensor is None:
            self._open()
        else:
            self._read(self._sensor)
        return self.view.state

    def close(self) -> None:
        """Gives the sensor back."""
        sensor, self._sensor = self._sensor, None
        if sensor is not None:
            self._losses.count(sensor.losses)
            sensor.close()

    def _open(self) -> None:
        try:
            self._sensor = open_sensor(self.settings)
        except DeviceUnavailable as error:
            self._lost(error)
            return
        self._losses.opened()
        self._heard_s = self._clock()
        log.info("sensor %s is open: %s", self.settings.name, ", ".join(self._sensor.signals))

    def _read(self, sensor: Sensor) -> None:
        try:
            reading = sensor.read(READ_S)
        except NothingYet:
            self._nothing(sensor)
        except EndOfSource:
            self.close()
            self.view.state = State.ENDED
            log.info("sensor %s has come to its end", self.settings.name)
        except DeviceError as error:
            self.close()
            self._lost(error)
        else:
            self._heard_s = self._clock()
            self._retry.succeeded()
            self._journey(reading)
            self._tell(State.LIVE, sensor)

    def _nothing(self, sensor: Sensor) -> None:
        silent_s = self._clock() - self._heard_s
        if silent_s < self.settings.silent_s:
            self._tell(self.view.state, sensor)
        else:
            self._tell(State.STALLED, sensor, f"has been silent for {silent_s:.0f} s")

    def _tell(self, state: State, sensor: Sensor, silent: str = "") -> None:
        """Writes down how an open sensor is, and logs what is new about that."""
        self._losses.count(sensor.losses)
        about = f"sensor {self.settings.name}"
        told = {key: f"{about}: {said}" for key, said in sensor.problems.items()}
        self._say(state, told | ({"silent": f"{about} {silent}"} if silent else {}))

    def _say(self, state: State, problems: Mapping[str, str]) -> None:
        for key, problem in problems.items():
            if key not in self.view.problems:
                log.warning("%s", problem)
        self.view.state, self.view.problems = state, problems

    def _journey(self, reading: Reading) -> None:
        self.view.readings += 1
        if self._stream is not None:
            anomaly = self._stream.update(reading.at, reading.values)
            if anomaly is not None:
                self._judge(reading, anomaly)
        if self._bulk is not None:
            self._bulk.add(reading.sensor, reading.at, reading.values)

    def _judge(self, reading: Reading, anomaly: Anomaly) -> None:
        self.view.score, self.view.threshold = anomaly.score, anomaly.threshold
        self.view.anomalous += anomaly.anomalous
        alert = self._judged(self.settings.name, reading.at, anomaly, reading.values)
        self.view.alerts += alert is not None and alert.newest.state == "raised"

    def _lost(self, error: DeviceError) -> None:
        self._say(State.LOST, {"lost": str(error)})
        self.wait_s = self._retry.failed()
