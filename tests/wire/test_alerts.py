"""Alerts over a real mosquitto that is killed, forgets everything, and comes back."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from typing import Any

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from tests.vision_app.alerting.alerts import ORIGIN, at, desk_of, see
from tests.vision_app.test_events import EVENTS
from tests.wire.broker import Listener, broker, free_port
from tests.wire.service import check_schema
from vision_app.alerting.desk import Desk
from vision_app.publishers.mqtt import ALERTS, MqttPublisher
from vision_app.settings import MqttSettings

pytestmark = pytest.mark.wire
SENSORS = ("climate", "door")


@contextmanager
def at_work(desk: Desk) -> Iterator[None]:
    """The desk's own thread."""
    ends = Flag()

    def work() -> None:
        while not ends.is_set():
            desk.step()

    thread = Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ends.set()
        thread.join()


def payloads(raw: list[bytes]) -> list[dict[str, Any]]:
    """Each as its schema says."""
    found: list[dict[str, Any]] = [json.loads(each) for each in raw]
    for each in found:
        check_schema(each["schema"].split("/")[1], each)
    return found


def places(folder: Path) -> tuple[Path, Path]:
    """Of the broker and of the device."""
    for name in ("broker", "device"):
        (folder / name).mkdir()
    return folder / "broker", folder / "device"


def test_a_broker_that_was_killed_and_has_forgotten_all_knows_every_open_alert_again(
    tmp_path: Path,
) -> None:
    theirs, ours = places(tmp_path)
    port = free_port()
    publisher = MqttPublisher(MqttSettings(host="127.0.0.1", port=port), ORIGIN)
    desk = desk_of(ours, {"mqtt": publisher}, SENSORS)
    with at_work(desk):
        with broker(theirs, port) as process:
            listener = Listener(port)
            [climate] = see(desk, "!!")
            [heard] = payloads(listener.wait_for("climate/anomaly"))
            assert (heard["alert"], heard["again"]) == (climate.id, False)
            listener.close()
            confirmed = (desk.counts()["waiting"] == 0 or Flag().wait(0.05) for _ in range(200))
            assert any(confirmed)
            process.kill()
            process.wait()
        [door] = see(desk, "!!", "door")
        shutil.rmtree(theirs)
        theirs.mkdir()
        with broker(theirs, port):
            late = Listener(port)
            ids = {climate.id, door.id}

            def states() -> dict[str, str]:
                told = [m for m in late.messages if m.topic.endswith("/alert")]
                return {
                    json.loads(m.payload)["sensor"]: json.loads(m.payload)["state"] for m in told
                }

            late.wait_until(lambda: states() == {"climate": "raised", "door": "raised"}, 45)
            late.wait_until(lambda: ids <= {e["alert"] for e in anomalies(late)}, 45)
            again = {"alert": climate.id, "again": True}
            late.wait_until(lambda: any(again.items() <= e.items() for e in anomalies(late)), 45)
            see(desk, "...", begin=10)
            late.wait_until(lambda: states()["climate"] == "cleared", 15)
            publisher.close()
            late.close()
    desk.close()
    assert desk.counts()["waiting"] == 0


def anomalies(listener: Listener) -> list[dict[str, Any]]:
    return [json.loads(m.payload) for m in listener.messages if m.topic.endswith("/anomaly")]


def test_an_hour_without_a_broker_and_a_queue_full_of_predictions_lose_no_alert(
    tmp_path: Path,
) -> None:
    theirs, ours = places(tmp_path)
    port, clock = free_port(), [at(0).timestamp()]
    settings = MqttSettings(host="127.0.0.1", port=port, max_queued=5)
    publisher = MqttPublisher(settings, ORIGIN)
    desk = desk_of(ours, {"mqtt": publisher}, SENSORS, now_s=clock)
    while publisher.publish(EVENTS[0]):
        pass
    raised = []
    for minute in range(60):
        clock[0] += 60
        raised += see(desk, "!!...", begin=60 * minute)
        desk.step()
    assert len(raised) == 120
    assert ALERTS > 120
    with broker(theirs, port), at_work(desk):
        listener = Listener(port)
        listener.wait_until(lambda: len(anomalies(listener)) >= 120, 45)
        publisher.close()
        listener.close()
    desk.close()
    found = anomalies(listener)
    first = list(dict.fromkeys((event["alert"], event["number"]) for event in found))
    assert first == [(alert.id, alert.newest.number) for alert in raised], "all, in order"
    assert desk.counts()["waiting"] == 0
    assert desk.counts()["lost"] == 0


def test_what_a_dead_process_had_only_in_memory_reaches_the_broker_after_a_restart(
    tmp_path: Path,
) -> None:
    theirs, ours = places(tmp_path)
    port = free_port()
    settings = MqttSettings(host="127.0.0.1", port=port)
    nowhere = MqttPublisher(settings, ORIGIN)
    before = desk_of(ours, {"mqtt": nowhere}, SENSORS)
    [alert] = see(before, "!!")
    before.step()
    nowhere.close()
    with broker(theirs, port):
        listener = Listener(port)
        publisher = MqttPublisher(settings, ORIGIN)
        after = desk_of(ours, {"mqtt": publisher}, SENSORS)
        with at_work(after):
            [event, *_] = payloads(listener.wait_for("climate/anomaly"))
        publisher.close()
        listener.close()
    assert (event["alert"], event["state"], event["again"]) == (alert.id, "raised", True)


def test_a_message_acknowledges_an_alert_and_garbage_does_nothing(tmp_path: Path) -> None:
    theirs, ours = places(tmp_path)
    port = free_port()
    with broker(theirs, port):
        listener = Listener(port)
        publisher = MqttPublisher(MqttSettings(host="127.0.0.1", port=port), ORIGIN)
        desk = desk_of(ours, {"mqtt": publisher}, SENSORS)
        topic = f"{ORIGIN.topic}/alerts/ack"
        publisher.listen(topic, desk.acks.hear)
        with at_work(desk):
            [alert] = see(desk, "!!")
            listener.wait_for("climate/anomaly")
            person = Client(CallbackAPIVersion.VERSION2)
            person.connect("127.0.0.1", port)
            person.loop_start()
            garbage = [b"", b"\x00" * 36, b"[" * 300_000, alert.id[:-1].encode(), b"ack all"]
            for message in [*garbage, alert.id.encode(), alert.id.encode()]:
                person.publish(topic, message, qos=1).wait_for_publish(10)
            raw = listener.wait_for("climate/anomaly", 2)
            person.disconnect()
            person.loop_stop()
        publisher.close()
        listener.close()
    assert [event["state"] for event in payloads(raw)] == ["raised", "acknowledged"]
    assert desk.counts()["refused_acks"] == len(garbage)


def test_an_alert_has_room_behind_predictions_and_is_told_once_the_broker_confirms(
    tmp_path: Path,
) -> None:
    port = free_port()
    publisher = MqttPublisher(MqttSettings(host="127.0.0.1", port=port, max_queued=5), ORIGIN)
    while publisher.publish(EVENTS[0]):
        pass
    taken = [publisher.deliver(EVENTS[1]) for _ in range(ALERTS)]
    assert None not in taken
    assert publisher.deliver(EVENTS[1]) is None
    told = [each for each in taken if each]
    assert not any(each() for each in told)
    with broker(tmp_path, port):
        confirmed = (all(each() for each in told) or Flag().wait(0.1) for _ in range(400))
        assert any(confirmed)
        publisher.close()
