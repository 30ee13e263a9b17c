"""The MQTT publisher against a real mosquitto."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event as Flag

import pytest

from tests.vision_app.test_events import EVENTS, ORIGIN
from tests.wire.broker import Listener, broker, free_port
from vision_app.publishers.mqtt import MqttPublisher, probe
from vision_app.settings import MqttSettings

pytestmark = pytest.mark.wire
STATUS = "/status"


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    number = free_port()
    with broker(tmp_path, number):
        yield number


def states(payloads: list[bytes]) -> list[str]:
    return [json.loads(payload)["state"] for payload in payloads]


def told(listener: Listener) -> list[str]:
    """Every state that was told so far; one more "online" for each time a slow broker was lost."""
    return states([bytes(m.payload) for m in listener.messages if m.topic.endswith(STATUS)])


def test_events_arrive_as_they_are(port: int) -> None:
    listener = Listener(port)
    publisher = MqttPublisher(MqttSettings(host="127.0.0.1", port=port), ORIGIN)
    assert publisher.publish(EVENTS[0])
    assert publisher.publish(EVENTS[1])
    assert json.loads(listener.wait_for("/prediction")[0]) == EVENTS[0].payload()
    assert json.loads(listener.wait_for("/anomaly")[0]) == EVENTS[1].payload()
    publisher.close()
    assert states(listener.wait_for(STATUS, 2)) == ["online", "offline"]
    publisher.close()
    listener.close()


def test_the_status_is_retained_for_who_comes_later(port: int) -> None:
    publisher = MqttPublisher(MqttSettings(host="127.0.0.1", port=port), ORIGIN)
    publisher.settled.wait(10)
    publisher.publish(EVENTS[0])
    publisher.close()
    late = Listener(port)
    assert states(late.wait_for(STATUS)) == ["offline"]
    assert not [message for message in late.messages if message.topic.endswith("/prediction")]
    late.close()


def test_what_is_said_while_the_broker_is_away_arrives_when_it_is_back(tmp_path: Path) -> None:
    port = free_port()
    with broker(tmp_path, port):
        listener = Listener(port)
    settings = MqttSettings(host="127.0.0.1", port=port, max_queued=5)
    publisher = MqttPublisher(settings, ORIGIN)
    accepted = [publisher.publish(EVENTS[0]) for _ in range(8)]
    assert accepted == [True] * 5 + [False] * 3
    assert publisher.counts["refused"] == 3
    with broker(tmp_path, port):
        assert len(listener.wait_for("/prediction", 5, 45)) == 5
        assert set(states(listener.wait_for(STATUS))) == {"online"}, (
            "a full queue refuses no status"
        )
        again = (publisher.publish(EVENTS[0]) or Flag().wait(0.1) for _ in range(100))
        assert any(again), "what was confirmed makes room"
        publisher.close()
        listener.wait_until(lambda: told(listener)[-1] == "offline", 15, "offline")
        assert set(told(listener)[:-1]) == {"online"}
        assert len(listener.wait_for("/prediction", 6)) == 6
        listener.close()


def test_health_is_not_queued_for_later(tmp_path: Path) -> None:
    publisher = MqttPublisher(MqttSettings(host="127.0.0.1", port=free_port()), ORIGIN)
    assert not publisher.publish(EVENTS[3])
    publisher.close()


def test_a_device_that_vanishes_is_reported_lost_by_its_last_will(port: int) -> None:
    listener = Listener(port)
    code = (
        "import os, sys; from vision_app.publishers.mqtt import MqttPublisher;"
        "from vision_app.settings import MqttSettings; from vision_app.events import Origin;"
        f"p = MqttPublisher(MqttSettings(host='127.0.0.1', port={port}), Origin('s', 'd'));"
        "p.settled.wait(10); print('up', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"up\n"
        listener.wait_for(STATUS)
        child.kill()
    assert states(listener.wait_for(STATUS, 2)) == ["online", "lost"]
    listener.close()


def test_probe_says_whether_the_broker_takes_us(port: int, tmp_path: Path) -> None:
    assert probe(MqttSettings(host="127.0.0.1", port=port), ORIGIN) == ""
    absent = probe(MqttSettings(host="127.0.0.1", port=free_port()), ORIGIN)
    assert "cannot be reached" in absent
    listener = Listener(port)
    listener.close()
    assert not listener.messages


def test_a_wrong_password_is_told(tmp_path: Path) -> None:
    port = free_port()
    passwords, secret = tmp_path / "passwords", tmp_path / "secret"
    secret.write_text("wrong\n")
    passwords.touch(mode=0o600)
    tool = ["mosquitto_passwd", "-b", str(passwords), "vision", "right"]
    subprocess.run(tool, check=True, capture_output=True)
    settings = MqttSettings(host="127.0.0.1", port=port, username="vision", password_file=secret)
    with broker(tmp_path, port, f"password_file {passwords}\nallow_anonymous false"):
        assert "refuses us" in probe(settings, ORIGIN)
        secret.write_text("right\n")
        assert probe(settings, ORIGIN) == ""


def test_mutual_tls(tmp_path: Path) -> None:
    port = free_port()
    certificates(tmp_path)
    tls = (
        f"cafile {tmp_path}/ca.pem\ncertfile {tmp_path}/server.pem\nkeyfile {tmp_path}/server.key\n"
        "require_certificate true\nallow_anonymous true"
    )
    ours = {"ca": tmp_path / "ca.pem", "cert": tmp_path / "device.pem"}
    settings = MqttSettings(host="localhost", port=port, key=tmp_path / "device.key", **ours)
    with broker(tmp_path, port, tls):
        assert probe(settings, ORIGIN) == ""
        anonymous = MqttSettings(host="localhost", port=port, ca=tmp_path / "ca.pem")
        assert "closed the connection" in probe(anonymous, ORIGIN)


def certificates(folder: Path) -> None:
    """A certificate authority, and a server and a device that it vouches for."""

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "rsa:2048", "-nodes")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test-ca")
    (folder / "names").write_text("subjectAltName=DNS:localhost")
    for name in ("server", "device"):
        openssl(
            "req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}"
        )
        openssl(
            *("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key"),
            *("-CAcreateserial", "-extfile", "names", "-out", f"{name}.pem"),
        )
