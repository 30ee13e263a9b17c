"""Finds everything that is set up wrong before anything starts."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from devices.camera import open_camera
from devices.errors import DeviceError
from devices.sensor import open_sensor
from devices.sensor_settings import FileSettings
from masking.errors import MaskingError
from models.anomaly.stream import AnomalyModel
from models.errors import ModelError
from uploader.errors import UploaderError
from vision_app.errors import AppError, ConfigError, Fault
from vision_app.settings import Settings


class Faults:
    """Collects faults, so that a person hears of all of them at once."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.found: list[Fault] = []

    @contextmanager
    def at(self, where: str) -> Iterator[None]:
        """What goes wrong in this block is a fault of that place in the configuration."""
        try:
            yield
        except (DeviceError, ModelError, MaskingError, UploaderError, AppError) as error:
            self.found.append(Fault(where, str(error)))

    def refuse_any(self) -> None:
        """Raises ConfigError if anything was found."""
        if self.found:
            raise ConfigError(self._source, tuple(self.found))


def require_source(settings: Settings, faults: Faults) -> None:
    """There must be something to look at."""
    if not settings.camera and not settings.sensor:
        with faults.at(""):
            raise AppError("there is no [[camera]] and no [[sensor]] block; write at least one")


def check_cameras(settings: Settings, faults: Faults) -> None:
    """Opens every file source once: a device may come later, a file should be there."""
    require_source(settings, faults)
    for index, camera in enumerate(settings.camera):
        if camera.kind == "file":
            with faults.at(f"camera[{index}].source"):
                open_camera(camera).close()


def check_hook(settings: Settings, faults: Faults) -> None:
    """A siren that cannot be run is better noticed now than at the first alert."""
    for program in settings.alert.hook[:1]:
        with faults.at("alert.hook"):
            if not os.access(program, os.X_OK) or os.path.isdir(program):
                raise AppError(f"{program} is no program that may be run: install it, or chmod +x")


def open_anomaly_models(settings: Settings, faults: Faults) -> dict[str, AnomalyModel]:
    """The anomaly model of each sensor that names one; it must know the sensor's signals.

    Files are opened once: they should be there, while a device may come later.
    """
    models: dict[str, AnomalyModel] = {}
    for index, sensor in enumerate(settings.sensor):
        signals: tuple[str, ...] | None = tuple(signal.name for signal in sensor.signal) or None
        if isinstance(sensor, FileSettings):
            with faults.at(f"sensor[{index}].source"), open_sensor(sensor) as opened:
                signals = opened.signals
        if sensor.model is not None:
            with faults.at(f"sensor[{index}].model"):
                models[sensor.name] = AnomalyModel.open(sensor.model)
                models[sensor.name].new_stream(signals)
    return models
