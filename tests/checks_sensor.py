"""What every sensor must do, whatever its kind; plugin authors run it on theirs."""

import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timezone
from itertools import pairwise

import pytest

from devices.errors import DeviceError, DeviceLost, NothingYet
from devices.reading import Reading
from devices.sensor import Sensor

COUNT = 5
PATIENCE_S = 10.0


def check_sensor(open_sensor: Callable[[], Sensor]) -> None:
    """Opens the sensor several times; each time it must have at least six readings to give."""
    with open_sensor() as sensor:
        readings = [sensor.read(PATIENCE_S) for _ in range(COUNT)]
        _readings_are_right(readings, sensor.signals)
        assert all(count >= 0 for count in sensor.losses.values())
    sensor.close()
    with pytest.raises(DeviceLost):
        sensor.read(0.0)
    _a_short_wait_is_short(open_sensor)
    _closing_ends_a_read(open_sensor)


def _readings_are_right(readings: list[Reading], signals: tuple[str, ...]) -> None:
    assert len(set(signals)) == len(signals) > 0
    for reading in readings:
        assert reading.at.tzinfo is timezone.utc
        assert 0 <= time.monotonic() - reading.read_s < 60
        assert reading.values
        assert set(reading.values) <= set(signals)
        assert all(math.isfinite(value) for value in reading.values.values())
    for earlier, later in pairwise(readings):
        assert later.at >= earlier.at
        assert later.read_s >= earlier.read_s


def _a_short_wait_is_short(open_sensor: Callable[[], Sensor]) -> None:
    with open_sensor() as sensor:
        begin_s = time.monotonic()
        with suppress(NothingYet):
            sensor.read(0.0)
        assert time.monotonic() - begin_s < 1.0


def _closing_ends_a_read(open_sensor: Callable[[], Sensor]) -> None:
    """From another thread, however long the read would have waited."""
    with open_sensor() as sensor:
        ended: list[DeviceError] = []
        reader = threading.Thread(target=_read_to_the_end, args=(sensor, ended))
        reader.start()
    reader.join(PATIENCE_S)
    assert not reader.is_alive()
    assert ended


def _read_to_the_end(sensor: Sensor, ended: list[DeviceError]) -> None:
    try:
        while True:
            sensor.read(PATIENCE_S)
    except DeviceError as error:
        ended.append(error)
