"""What a sensor is, and the table of the kinds that we have."""

from collections.abc import Mapping
from importlib import import_module
from typing import Protocol

from devices.closeable import Closeable
from devices.reading import Reading
from devices.sensor_settings import SensorSettings

KINDS: Mapping[str, str] = {
    "csv": "devices.sensors.csv:open_csv",
    "mqtt": "devices.sensors.mqtt:MqttSensor",
    "serial": "devices.sensors.serial:SerialSensor",
    "modbus": "devices.sensors.modbus:open_modbus",
    "opcua": "devices.sensors.opcua:open_opcua",
    "iio": "devices.sensors.iio:open_iio",
    "hwmon": "devices.sensors.hwmon:open_hwmon",
    "jsonl": "devices.sensors.json_lines:open_json_lines",
}


class Sensor(Closeable, Protocol):
    """An open sensor. A sensor is a context manager; `close` may be called twice."""

    @property
    def signals(self) -> tuple[str, ...]:
        """Names of the signals that a reading may hold, in a fixed order."""

    @property
    def losses(self) -> Mapping[str, int]:
        """What was left out since opening, by reason ("missing", "not_a_number", "late")."""

    @property
    def problems(self) -> Mapping[str, str]:
        """What is wrong with its signals now, such as "t missing" → "signal t is missing"."""

    def read(self, timeout_s: float) -> Reading:
        """Waits for the next reading and returns it.

        Raises NothingYet (none within timeout_s), DeviceLost (reopen it) or EndOfSource.
        """

    def close(self) -> None:
        """Gives the device back."""


def open_sensor(settings: SensorSettings) -> Sensor:
    """Opens the sensor of these settings.

    Raises DeviceUnavailable with a sentence that says what to do.
    """
    module, _, opener = KINDS[settings.kind].partition(":")
    sensor: Sensor = getattr(import_module(module), opener)(settings)
    return sensor
