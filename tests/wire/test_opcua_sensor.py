"""Readings from a real OPC UA server."""

import asyncio
import importlib
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from devices.errors import DeviceLost, DeviceUnavailable
from devices.sensor import Sensor, open_sensor
from devices.sensor_settings import OpcUaSettings
from tests.checks_sensor import check_sensor
from tests.parts import need
from tests.wire.broker import free_port
from tests.wire.opcua_server import opcua

pytestmark = pytest.mark.wire

SIGNALS = (
    {"name": "temperature", "at": "ns=2;s=t", "unit": "°C", "max": 60},
    {"name": "door", "at": "ns=2;s=open"},
)


@pytest.fixture(autouse=True)
def _library() -> None:
    need("asyncua (pip install 'vision-app[opcua]')", importlib.import_module("asyncua"))


def settings(port: int, **more: Any) -> OpcUaSettings:
    source = f"opc.tcp://127.0.0.1:{port}/plc"
    asked = {"name": "plc", "kind": "opcua", "source": source, "signal": SIGNALS, "every_s": 0.02}
    return OpcUaSettings.model_validate(asked | more)


def until(sensor: Sensor, values: dict[str, float]) -> None:
    """Reads until a reading holds just that."""
    for _ in range(500):
        if sensor.read(10.0).values == values:
            return
    raise AssertionError(f"never {values}")


def test_it_does_what_every_sensor_does() -> None:
    port = free_port()
    with opcua(port):
        check_sensor(lambda: open_sensor(settings(port)))


def test_a_node_is_what_it_was_until_the_server_tells_of_a_change() -> None:
    port = free_port()
    with opcua(port) as server, open_sensor(settings(port)) as sensor:
        for _ in range(3):
            until(sensor, {"temperature": 21.5, "door": 1.0})
        server.set("t", 22.25)
        until(sensor, {"temperature": 22.25, "door": 1.0})
        server.set("open", False)
        until(sensor, {"temperature": 22.25, "door": 0.0})


def test_a_value_that_the_server_calls_bad_is_missing_and_named() -> None:
    port = free_port()
    with opcua(port) as server, open_sensor(settings(port)) as sensor:
        until(sensor, {"temperature": 21.5, "door": 1.0})
        server.spoil("t")
        until(sensor, {"door": 1.0})
        assert sensor.losses["missing"] >= 1
        assert sensor.problems == {"temperature missing": "signal temperature is missing"}


def test_a_server_that_goes_away_is_a_lost_device_and_one_that_is_back_is_found() -> None:
    port = free_port()
    with ExitStack() as served:
        served.enter_context(opcua(port))
        sensor = open_sensor(settings(port))
    with sensor, pytest.raises(DeviceLost, match=f"127.0.0.1:{port}/plc closed the connection"):
        until(sensor, {})
    with opcua(port), open_sensor(settings(port)) as again:
        until(again, {"temperature": 21.5, "door": 1.0})


def test_who_is_not_there_and_what_is_not_there_are_refused_with_one_sentence() -> None:
    port = free_port()
    with pytest.raises(DeviceUnavailable, match="cannot be used") as refused:
        open_sensor(settings(port))
    assert "\n" not in str(refused.value)
    for place in ("ns=2;s=absent", "nonsense"):
        asked = settings(port, signal=[{"name": "x", "at": place}])
        with opcua(port), pytest.raises(DeviceUnavailable, match=f"no node '{place}'"):
            open_sensor(asked)


def test_a_user_is_let_in_by_the_password_in_its_file(tmp_path: Path) -> None:
    port, right, wrong = free_port(), tmp_path / "right", tmp_path / "wrong"
    right.write_text("hunter2\n")
    wrong.write_text("guess\n")
    with opcua(port, {"vision": "hunter2"}):
        with open_sensor(settings(port, username="vision", password_file=right)) as sensor:
            until(sensor, {"temperature": 21.5, "door": 1.0})
        with pytest.raises(DeviceUnavailable, match="cannot be used") as refused:
            open_sensor(settings(port, username="vision", password_file=wrong))
    assert "guess" not in str(refused.value)


@pytest.mark.parametrize(
    "more", [{"cert": "a"}, {"username": "a"}, {"source": "opc.tcp://user:secret@host"}]
)
def test_half_a_secret_is_refused(more: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"belong together|source"):
        settings(1, **more)


def certificate(folder: Path, name: str) -> Path:
    """A self-signed certificate, and its key beside it."""
    from asyncua.crypto.cert_gen import setup_self_signed_certificate
    from cryptography.x509.oid import ExtendedKeyUsageOID

    made = folder / f"{name}.der"
    usage = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
    uri = "urn:freeopcua:client" if name == "client" else "urn:freeopcua:python:server"
    asyncio.run(
        setup_self_signed_certificate(
            made.with_suffix(".pem"), made, uri, "localhost", usage, {"commonName": name}
        )
    )
    return made


def test_with_a_certificate_all_is_signed_and_encrypted(tmp_path: Path) -> None:
    port, ours, theirs = free_port(), certificate(tmp_path, "client"), certificate(tmp_path, "plc")
    with opcua(port, certificate=theirs):
        asked = settings(port, cert=ours, key=ours.with_suffix(".pem"))
        with open_sensor(asked) as sensor:
            until(sensor, {"temperature": 21.5, "door": 1.0})
        with pytest.raises(DeviceUnavailable, match="cannot be used"):
            open_sensor(settings(port))
    with opcua(port), pytest.raises(DeviceUnavailable, match="cannot be used"):
        open_sensor(asked)
