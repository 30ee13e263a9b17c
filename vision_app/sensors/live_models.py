"""Opens the model that judges each sensor now: the configured one, or what took its place."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from models.anomaly.in_use import InUse
from models.anomaly.stream import AnomalyModel
from models.errors import ModelError
from vision_app.sensors.drift_book import DriftBook
from vision_app.sensors.judging import LiveModel
from vision_app.settings import Settings

log = logging.getLogger("vision_app")

MODELS, DRIFT = "anomaly-models", "drift"
"""Folders below the device's data."""


def in_use_of(s: Settings, sensor: str, configured: AnomalyModel) -> InUse:
    """Where it stands which model judges the sensor. configured: as its block says."""
    assert s.device.data is not None, "completed by config.complete"
    said = next(block.model for block in s.sensor if block.name == sensor)
    assert said is not None, "a sensor with a configured model names it"
    return InUse.of(s.device.data / MODELS, sensor, Path(said), configured)


def open_drift(s: Settings, now_s: Callable[[], float]) -> DriftBook:
    """What is known of drift. now_s: see DriftBook."""
    assert s.device.data is not None, "completed by config.complete"
    return DriftBook(s.device.data / DRIFT, now_s)


def live_models(
    s: Settings, configured: Mapping[str, AnomalyModel], book: DriftBook
) -> dict[str, LiveModel]:
    """For each sensor with a model; where what took its place cannot be opened, the log says so."""
    found = {}
    for sensor, model in configured.items():
        in_use = in_use_of(s, sensor, model)
        found[sensor] = LiveModel(sensor, in_use, _opened(sensor, in_use, model), book)
    return found


def _opened(sensor: str, in_use: InUse, configured: AnomalyModel) -> AnomalyModel:
    try:
        return AnomalyModel.open(in_use.path) if in_use.stamp() else configured
    except ModelError as error:
        log.warning("sensor %s is judged by the configured model: %s", sensor, error)
        return configured
