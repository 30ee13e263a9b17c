"""Readings that come over a real broker."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from devices.errors import DeviceLost, DeviceUnavailable, NothingYet
from devices.sensor import Sensor, open_sensor
from devices.sensor_settings import MqttSensorSettings
from tests.checks_sensor import check_sensor
from tests.wire.broker import broker, free_port

pytestmark = pytest.mark.wire

Say = Callable[..., None]
SIGNALS = (
    {"name": "t", "at": "house/air#t.c", "unit": "°C", "max": 60},
    {"name": "h", "at": "house/air#h"},
    {"name": "co2", "at": "house/co2"},
)


def settings(port: int, **more: Any) -> MqttSensorSettings:
    asked = {"name": "air", "kind": "mqtt", "host": "127.0.0.1", "port": port, "signal": SIGNALS}
    return MqttSensorSettings.model_validate(asked | more)


@contextmanager
def speaker(port: int) -> Iterator[Say]:
    """Publishes, and waits until the broker has it."""
    client = Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()

    def say(topic: str, payload: str | bytes, retain: bool = False) -> None:
        client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(10)

    try:
        yield say
    finally:
        client.disconnect()
        client.loop_stop()


def all_of(sensor: Sensor, count: int) -> list[dict[str, float]]:
    found = [dict(sensor.read(10.0).values) for _ in range(count)]
    with pytest.raises(NothingYet):
        sensor.read(0.0)
    return found


def test_it_does_what_every_sensor_does(tmp_path: Path) -> None:
    port, done = free_port(), threading.Event()

    def chatter() -> None:
        with speaker(port) as say:
            while not done.wait(0.01):
                say("house/co2", "400")

    with broker(tmp_path, port):
        chatting = threading.Thread(target=chatter)
        chatting.start()
        try:
            check_sensor(lambda: open_sensor(settings(port)))
        finally:
            done.set()
            chatting.join()


def test_a_number_is_found_in_a_message_or_inside_its_json(tmp_path: Path) -> None:
    port = free_port()
    with broker(tmp_path, port), open_sensor(settings(port)) as sensor, speaker(port) as say:
        say("house/air", '{"t": {"c": 21.5}, "h": "60", "other": 1}')
        say("house/co2", " 412.5 ")
        say("house/other", "3")
        say("house/air", '{"t": {"c": 22}}')
        assert all_of(sensor, 3) == [{"t": 21.5, "h": 60.0}, {"co2": 412.5}, {"t": 22.0}]
        assert sensor.losses == {"missing": 1}


def test_what_is_no_reading_is_left_out_counted_and_named(tmp_path: Path) -> None:
    port = free_port()
    with broker(tmp_path, port), open_sensor(settings(port)) as sensor, speaker(port) as say:
        for payload in (b"\xff\xfe", b"", b"9" * (1 << 20) + b"9", b"[" * 100_000):
            say("house/co2", payload)
        say("house/air", '{"t": {"c": 85}, "h": "wet"}')
        say("house/co2", "1")
        assert all_of(sensor, 1) == [{"co2": 1.0}]
        assert sensor.losses == {
            "damaged": 3,
            "not_a_number": 2,
            "out_of_range": 1,
        }
        assert sensor.problems["t out_of_range"] == "signal t is out of range: 85 °C"


def test_times_are_those_of_the_messages_where_they_have_one(tmp_path: Path) -> None:
    port, now = free_port(), int(time.time())
    asked = settings(port, time_key="ts", signal=[{"name": "t", "at": "house/air#t"}])
    with broker(tmp_path, port), speaker(port) as say:
        say("house/air", f'{{"ts": {now - 60}, "t": 1}}', retain=True)
        with open_sensor(asked) as sensor:
            say("house/air", f'{{"ts": {now}, "t": 2}}')
            say("house/air", '{"t": 3}')
            readings = [sensor.read(10.0) for _ in range(2)]
            assert [r.at.timestamp() for r in readings] == [now - 60, now]
            say("house/air", f'{{"ts": {now + 3600}, "t": 4}}')
            say("house/air", f'{{"ts": {now + 1}, "t": 5}}')
            assert all_of(sensor, 1) == [{"t": 5.0}]
            assert sensor.losses == {"no_time": 1, "ahead": 1}


def test_what_the_broker_kept_from_some_time_ago_is_no_reading_of_now(tmp_path: Path) -> None:
    port = free_port()
    with broker(tmp_path, port), speaker(port) as say:
        say("house/co2", "400", retain=True)
        with open_sensor(settings(port)) as sensor:
            say("house/co2", "500")
            assert all_of(sensor, 1) == [{"co2": 500.0}]
            assert sensor.losses == {"retained": 1}


def test_a_broker_that_goes_away_is_a_lost_device_and_one_that_is_back_is_found(
    tmp_path: Path,
) -> None:
    port = free_port()
    with broker(tmp_path, port):
        sensor = open_sensor(settings(port))
    with sensor, pytest.raises(DeviceLost, match=f"the broker 127.0.0.1:{port} closed"):
        sensor.read(10.0)
    with pytest.raises(DeviceUnavailable, match="cannot be reached"):
        open_sensor(settings(port))
    with broker(tmp_path, port), open_sensor(settings(port)) as again, speaker(port) as say:
        say("house/co2", "1")
        assert all_of(again, 1) == [{"co2": 1.0}]


def test_with_a_client_id_nothing_is_missed_while_it_is_away(tmp_path: Path) -> None:
    port = free_port()
    asked = settings(port, client_id="greenhouse-air")
    with broker(tmp_path, port), speaker(port) as say:
        open_sensor(asked).close()
        for number in range(5):
            say("house/co2", str(number))
        with open_sensor(asked) as sensor:
            assert [values["co2"] for values in all_of(sensor, 5)] == [0, 1, 2, 3, 4]


def test_a_broker_that_refuses_us_says_so_in_one_sentence(tmp_path: Path) -> None:
    port, secret = free_port(), tmp_path / "secret"
    secret.write_text("hunter2\n")
    asked = settings(port, username="air", password_file=secret)
    (tmp_path / "users").write_text("")
    strict = f"allow_anonymous false\npassword_file {tmp_path}/users"
    with broker(tmp_path, port, strict), pytest.raises(DeviceUnavailable) as refused:
        open_sensor(asked)
    assert "refuses us" in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("at", ["", "#t", "house/air#", "house/+/t"])
def test_a_place_that_is_no_topic_is_refused(at: str) -> None:
    with pytest.raises(ValueError, match=r"topic|at least 1 character"):
        settings(1883, signal=[{"name": "t", "at": at}])
