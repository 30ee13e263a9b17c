"""A sensor whose readings come as MQTT messages."""

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from secrets import token_hex
from threading import Event
from typing import Any

from paho.mqtt.client import Client, MQTTMessage

from devices.closeable import Closeable
from devices.errors import DeviceLost, DeviceUnavailable
from devices.mqtt_client import client_for
from devices.reading import Reading
from devices.readings.gate import Gate
from devices.readings.inbox import Inbox
from devices.readings.instant import instant
from devices.readings.json_form import found
from devices.readings.order import Order, utc_now
from devices.sensor_settings import MqttSensorSettings, SignalSettings

CONNECT_S = 5.0
REFUSED = 128
"""From this on, the broker's answer to a subscription is a refusal (MQTT 3.1.1, section 3.9.3)."""
MAX_BYTES = 1 << 20
"""A longer message is no reading."""


class MqttSensor(Closeable):
    """Subscribes to the topics of its signals; each message is one reading.

    `at` of a signal is a topic, or `topic#key` for a place in the JSON that comes there; without
    a key the message is the number itself. losses: damaged (no JSON, no number, too long), retained
    (kept by the broker since nobody knows when), no_time, and those of `Gate` and `Inbox`.
    """

    def __init__(self, settings: MqttSensorSettings, now: Callable[[], datetime] = utc_now) -> None:
        """Connects and subscribes. Raises DeviceUnavailable."""
        self._settings, self._now = settings, now
        self._inbox = Inbox(settings.name)
        self._gate = Gate(settings.signal, Order("theirs" if settings.time_key else "ours", now))
        self._lost: Counter[str] = Counter()
        self._by_topic: dict[str, list[tuple[SignalSettings, str]]] = {}
        for signal in settings.signal:
            topic, _, key = signal.place.partition("#")
            self._by_topic.setdefault(topic, []).append((signal, key))
        self._ready, self._why_not = Event(), ""
        self._client = self._prepared()
        try:
            self._connect()
        except DeviceUnavailable:
            self.close()
            raise

    @property
    def signals(self) -> tuple[str, ...]:
        """Names of the signals."""
        return self._gate.signals

    @property
    def losses(self) -> Mapping[str, int]:
        """What was left out since opening, by reason."""
        return self._lost + Counter(self._gate.losses) + self._inbox.losses

    @property
    def problems(self) -> Mapping[str, str]:
        """What is wrong with signals now; see `Gate`."""
        return self._gate.problems

    def read(self, timeout_s: float) -> Reading:
        """The next reading. Raises NothingYet, or DeviceLost when the connection ended."""
        return self._inbox.take(timeout_s)

    def close(self) -> None:
        """Disconnects; a read that waits ends at once."""
        self._inbox.close()
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def _about(self) -> str:
        return (
            f"sensor {self._settings.name}: the broker {self._settings.host}:{self._settings.port}"
        )

    def _prepared(self) -> Client:
        s = self._settings
        id = s.client_id or f"vision-{s.name}-{token_hex(4)}"
        client = client_for(s, id, f"sensor {s.name}", clean=s.client_id is None)
        client.connect_timeout = CONNECT_S
        client.on_connect = self._connected
        client.on_subscribe = self._subscribed
        client.on_disconnect = self._disconnected
        client.on_message = self._came
        return client

    def _connect(self) -> None:
        try:
            self._client.connect(self._settings.host, self._settings.port, keepalive=15)
        except (OSError, ValueError) as error:
            raise DeviceUnavailable(
                f"{self._about} cannot be reached ({error}): start it, or correct host and port"
            ) from error
        self._client.loop_start()
        if not self._ready.wait(CONNECT_S):
            raise DeviceUnavailable(f"{self._about} does not answer: is it an MQTT broker?")
        if self._why_not:
            raise DeviceUnavailable(f"{self._about} {self._why_not}")

    def _connected(self, client: Client, data: Any, flags: Any, code: Any, rest: Any) -> None:
        if code.is_failure:
            self._give_up(f"refuses us: {code}; check username, password_file and its access rules")
        else:
            client.subscribe([(topic, 1) for topic in self._by_topic])

    def _subscribed(self, client: Client, data: Any, id: int, codes: Any, rest: Any) -> None:
        topics = [t for t, code in zip(self._by_topic, codes, strict=True) if code.value >= REFUSED]
        if topics:
            self._give_up(f"does not let us read {', '.join(topics)}; check its access rules")
        self._ready.set()

    def _disconnected(self, client: Client, data: Any, flags: Any, code: Any, rest: Any) -> None:
        self._give_up(f"closed the connection: {code}")

    def _give_up(self, why: str) -> None:
        self._why_not = self._why_not or why
        self._inbox.end(DeviceLost(f"{self._about} {self._why_not}"))
        self._ready.set()

    def _came(self, client: Client, data: Any, message: MQTTMessage) -> None:
        if message.retain and self._settings.time_key is None:
            self._lost["retained"] += 1
            return
        said = said_in(bytes(message.payload))
        at = self._moment(said)
        if said is None or at is None:
            self._lost["damaged" if said is None else "no_time"] += 1
            return
        raw = {
            signal.name: found(said, key) if key else said
            for signal, key in self._by_topic.get(message.topic, ())
        }
        values = self._gate.admit(at, raw)
        if values:
            self._inbox.put(Reading(self._settings.name, at, time.monotonic(), values))

    def _moment(self, said: object) -> datetime | None:
        key = self._settings.time_key
        if key is None:
            return self._now()
        stamp = found(said, key)
        return None if stamp is None else instant(str(stamp))


def said_in(payload: bytes) -> object:
    """What a message says: JSON, of which a bare number or text is some too; None for neither."""
    if len(payload) > MAX_BYTES:
        return None
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text.strip() or None
