"""Readings from a real Modbus server."""

import importlib
from contextlib import ExitStack
from typing import Any

import pytest

from devices.errors import DeviceLost, DeviceUnavailable
from devices.sensor import open_sensor
from devices.sensor_settings import ModbusSettings
from tests.checks_sensor import check_sensor
from tests.parts import need
from tests.wire.broker import free_port
from tests.wire.modbus_server import modbus_rtu, modbus_tcp

pytestmark = pytest.mark.wire

SIGNALS = (
    {"name": "t", "at": "holding 100 float32", "unit": "°C"},
    {"name": "low", "at": "holding 102 int16", "scale": 0.5},
    {"name": "count", "at": "holding 103 uint32"},
    {"name": "level", "at": "input 5"},
    {"name": "pump", "at": "coil 2"},
    {"name": "door", "at": "discrete 1"},
)
ALL = {"t": 21.5, "low": -1.5, "count": 70000, "level": 42, "pump": 1, "door": 0}


@pytest.fixture(autouse=True)
def _library() -> None:
    need("pymodbus (pip install 'vision-app[modbus]')", importlib.import_module("pymodbus"))


def settings(source: str | int, **more: Any) -> ModbusSettings:
    where = source if isinstance(source, str) else f"127.0.0.1:{source}"
    asked = {"name": "boiler", "kind": "modbus", "source": where, "unit": 7, "signal": SIGNALS}
    return ModbusSettings.model_validate(asked | {"every_s": 0.02} | more)


def test_it_does_what_every_sensor_does() -> None:
    with modbus_tcp() as port:
        check_sensor(lambda: open_sensor(settings(port)))


def test_numbers_and_bits_are_read_over_tcp() -> None:
    with modbus_tcp() as port, open_sensor(settings(port)) as sensor:
        assert sensor.read(5.0).values == ALL
        assert sensor.losses == {}


def test_they_are_read_over_a_serial_line() -> None:
    with modbus_rtu(19200) as line:
        asked = settings(line, baud=19200, parity="N")
        with open_sensor(asked) as sensor:
            assert sensor.read(5.0).values == ALL


def test_the_low_word_first_is_another_number() -> None:
    with modbus_tcp() as port, open_sensor(settings(port, words="little")) as sensor:
        assert sensor.read(5.0).values["count"] == (70000 & 0xFFFF) << 16 | 70000 >> 16


def test_an_address_that_the_device_does_not_have_is_named_with_its_signals() -> None:
    signals = [*SIGNALS, {"name": "ghost", "at": "holding 900 float32"}]
    refused = pytest.raises(
        DeviceUnavailable, match=r"refuses holding 900 to 901 \(ghost\): it has no such address"
    )
    with modbus_tcp() as port, refused:
        open_sensor(settings(port, signal=signals))


def test_a_device_that_hangs_up_is_lost_and_found_again() -> None:
    port = free_port()
    with ExitStack() as served:
        served.enter_context(modbus_tcp(port))
        sensor = open_sensor(settings(port))
    with sensor, pytest.raises(DeviceLost, match=f"127.0.0.1:{port} does not answer as unit 7"):
        sensor.read(5.0)
    with modbus_tcp(port), open_sensor(settings(port)) as again:
        assert again.read(5.0).values == ALL


def test_who_is_not_there_is_refused_with_one_sentence() -> None:
    port = free_port()
    for source in (f"127.0.0.1:{port}", "/dev/ttyABSENT"):
        with pytest.raises(DeviceUnavailable, match="cannot be reached") as refused:
            open_sensor(settings(source))
        assert "\n" not in str(refused.value)


def test_a_unit_that_the_gateway_does_not_have_is_refused() -> None:
    with modbus_tcp() as port, pytest.raises(DeviceUnavailable, match=r"refuses coil 2 \(pump\)"):
        open_sensor(settings(port, unit=8))
