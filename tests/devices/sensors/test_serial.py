"""Lines over a real terminal pair of the kernel: one end is the device, the other our port."""

import os
import threading
import time
import tty
from collections.abc import Iterator
from typing import Any

import pytest

from devices.errors import DeviceLost, DeviceUnavailable, NothingYet
from devices.sensor import Sensor, open_sensor
from devices.sensor_settings import SerialSettings
from devices.sensors.serial import MAX_LINE
from tests.checks_sensor import check_sensor
from tests.parts import need

SIGNALS = ({"name": "t", "at": "1", "unit": "°C", "max": 60}, {"name": "h", "at": "2"})


class Device:
    """The far end of a port."""

    def __init__(self) -> None:
        self._end, ours = os.openpty()
        tty.setraw(ours)
        self.port = os.ttyname(ours)
        os.close(ours)

    def say(self, text: str | bytes) -> None:
        os.write(self._end, text if isinstance(text, bytes) else text.encode())

    def unplug(self) -> None:
        if self._end >= 0:
            os.close(self._end)
        self._end = -1


@pytest.fixture
def device() -> Iterator[Device]:
    need("pyserial (pip install 'vision-app[serial]')", __import__("serial"))
    found = Device()
    try:
        yield found
    finally:
        found.unplug()


def settings(device: Device, **more: Any) -> SerialSettings:
    asked = {"name": "bench", "kind": "serial", "source": device.port, "signal": SIGNALS}
    return SerialSettings.model_validate(asked | more)


def pairs(*names: str) -> list[dict[str, str]]:
    return [{"name": name} for name in names]


def all_of(sensor: Sensor) -> list[dict[str, float]]:
    found = []
    try:
        while True:
            found.append(dict(sensor.read(0.2).values))
    except NothingYet:
        return found


def test_it_does_what_every_sensor_does(device: Device) -> None:
    done = threading.Event()

    def chatter() -> None:
        while not done.wait(0.01):
            device.say("1,2\n")

    chatting = threading.Thread(target=chatter)
    chatting.start()
    try:
        check_sensor(lambda: open_sensor(settings(device)))
    finally:
        done.set()
        chatting.join()


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({}, "21.5,60"),
        ({}, " 21.5 , 60 ,7\r"),
        ({"separator": ""}, "21.5 \t 60"),
        ({"form": "pairs", "signal": pairs("t", "h")}, "h:60,x=1, t=21.5"),
        ({"form": "json", "signal": pairs("t", "h")}, '{"t": 21.5, "h": 60}'),
        ({"form": "json", "signal": [{"name": "t", "at": "a.0"}, *pairs("h")]},
         '{"a": [21.5], "h": 60}'),
    ],
)  # fmt: skip
def test_a_line_is_read_as_it_is_written(device: Device, more: dict[str, Any], line: str) -> None:
    with open_sensor(settings(device, **more)) as sensor:
        device.say(f"cut\n{line}\n")
        assert all_of(sensor) == [{"t": 21.5, "h": 60.0}]
        assert sensor.losses == {"cut": 1}


def test_a_line_that_had_begun_before_we_listened_is_no_reading(device: Device) -> None:
    with open_sensor(settings(device)) as sensor:
        device.say("1.5,60\n21.5,60\n")
        assert all_of(sensor) == [{"t": 21.5, "h": 60.0}]


def test_half_a_line_waits_for_its_other_half(device: Device) -> None:
    with open_sensor(settings(device)) as sensor:
        device.say("\n21")
        assert all_of(sensor) == []
        device.say(".5,60\n")
        assert all_of(sensor) == [{"t": 21.5, "h": 60.0}]


def test_garbage_spoils_one_line_and_not_the_rest(device: Device) -> None:
    with open_sensor(settings(device)) as sensor:
        device.say(b"\n\xff\xfe\x00,1\n21.5\n\n85,61\nwarm,62\n")
        assert all_of(sensor) == [{"h": 61.0}, {"h": 62.0}]
        assert sensor.losses == {
            "cut": 1, "damaged": 2, "out_of_range": 1, "not_a_number": 1,
        }  # fmt: skip


def test_noise_without_an_end_is_not_kept_in_memory(device: Device) -> None:
    with open_sensor(settings(device)) as sensor:
        for _ in range(4):
            device.say(b"7" * (MAX_LINE // 2))
            assert all_of(sensor) == []
        assert sensor.losses["damaged"] == 1
        device.say("7,1\n21.5,60\n")
        assert all_of(sensor) == [{"t": 21.5, "h": 60.0}]


def test_an_unplugged_port_is_a_lost_device(device: Device) -> None:
    with open_sensor(settings(device)) as sensor:
        device.unplug()
        with pytest.raises(DeviceLost, match="was unplugged, or broke"):
            sensor.read(10.0)
        with pytest.raises(DeviceUnavailable, match="is not there: plug it in"):
            open_sensor(settings(device))


def test_a_port_that_is_in_use_is_refused_with_one_sentence(device: Device) -> None:
    used = pytest.raises(DeviceUnavailable, match="in use by another program")
    with open_sensor(settings(device)), used:
        open_sensor(settings(device))


@pytest.mark.parametrize(
    ("source", "sentence"), [("/dev/ttyABSENT", "is not there"), ("/dev/null", "is no serial port")]
)
def test_what_is_no_port_is_refused_with_one_sentence(
    device: Device, source: str, sentence: str
) -> None:
    with pytest.raises(DeviceUnavailable, match=sentence) as refused:
        open_sensor(settings(device, source=source))
    assert "\n" not in str(refused.value)


def test_closing_ends_a_read_that_waits(device: Device) -> None:
    sensor = open_sensor(settings(device))
    closer = threading.Timer(0.05, sensor.close)
    began_s = time.monotonic()
    closer.start()
    with pytest.raises(DeviceLost, match="is closed"):
        sensor.read(60.0)
    assert time.monotonic() - began_s < 10
    closer.join()


@pytest.mark.parametrize("at", ["0", "x", "1000"])
def test_a_place_that_is_no_field_is_refused(device: Device, at: str) -> None:
    with pytest.raises(ValueError, match="must be the number of its field"):
        settings(device, signal=[{"name": "t", "at": at}])
