"""Events over MQTT 3.1.1: a bounded queue, a last will, and a status that the broker keeps."""

import json
import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from functools import partial
from threading import Event as Flag
from threading import Lock
from typing import Any

from paho.mqtt.client import (
    MQTT_ERR_NO_CONN,
    MQTT_ERR_SUCCESS,
    Client,
    ConnectFlags,
    DisconnectFlags,
    MQTTMessage,
    MQTTMessageInfo,
)
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from devices.errors import DeviceUnavailable
from devices.mqtt_client import client_for
from vision_app.errors import AppError
from vision_app.events import Event, Origin, StatusEvent
from vision_app.publish import Told
from vision_app.settings import MqttSettings
from vision_app.version import version

log = logging.getLogger("vision_app")

CLOSE_S = 5.0
ALERTS = 200
"""Places in the queue for alerts, which wait although predictions have filled it."""
HEARD = 256
"""Bytes of a message that are looked at."""
PROBE_S = 10.0
RESERVE = 10
"""Places in the client's queue for our status, which must not be refused for a full one."""


class MqttPublisher:
    """Publishes from any thread without waiting; the client's own thread sends and reconnects.

    While the broker is away, up to max_queued events of QoS 1 wait in memory; health (QoS 0) is
    not queued. Raises AppError when the password or a certificate cannot be read.
    """

    def __init__(self, settings: MqttSettings, origin: Origin, announce: bool = True) -> None:
        """announce: leave a last will, and say online and offline."""
        self._settings = settings
        self._origin = origin
        self._announce = announce
        self.settled = Flag()
        self._lock = Lock()
        self._counts: Counter[str] = Counter(sent=0, refused=0, connects=0)
        self._problem = f"not connected to the broker {settings.host}:{settings.port} yet"
        self._refused = False
        self._waiting: set[int] = set()
        self._taken: deque[int] = deque()
        self._topics: list[str] = []
        self._client = self._prepared(settings)
        self._client.connect_async(settings.host, settings.port, keepalive=30)
        self._client.loop_start()

    @property
    def counts(self) -> Mapping[str, int]:
        """Events sent or queued, events refused, and connections made."""
        with self._lock:
            return dict(self._counts)

    @property
    def problem(self) -> str:
        """Why there is no connection; empty while there is one."""
        return self._problem

    def publish(self, event: Event) -> bool:
        """Sends or queues; False when the queue is full, or for QoS 0 without a connection."""
        with self._lock:
            full = event.qos > 0 and self._queued() >= self._settings.max_queued
            accepted = not full and self._accepted(event)
            self._counts["sent" if accepted else "refused"] += 1
            return accepted

    def deliver(self, event: Event) -> Told | None:
        """As `publish`, in places of its own behind a full queue; told when the broker confirms."""
        with self._lock:
            full = self._queued() >= self._settings.max_queued + ALERTS
            number = None if full else self._numbered(event)
            self._counts["refused" if number is None else "sent"] += 1
        return None if number is None else partial(self._is_told, number)

    @property
    def connects(self) -> int:
        """Connections made."""
        return self.counts["connects"]

    def listen(self, topic: str, hear: Callable[[bytes], None]) -> None:
        """Hands on the first bytes of each message on that topic; say so before it connects."""

        def heard(client: Client, data: Any, message: MQTTMessage) -> None:
            hear(bytes(message.payload[:HEARD]))

        self._client.message_callback_add(topic, heard)
        self._topics.append(topic)
        if self._client.is_connected():
            self._client.subscribe(topic, qos=1)

    def close(self) -> None:
        """Waits at most 5 s for what is queued, says goodbye, and disconnects."""
        if self._client.is_connected() and self._announce:
            self._wait_for_all()
            self._accepted(self._status("offline"))
            self._wait_for_all()
        self._client.disconnect()
        self._client.loop_stop()

    def _accepted(self, event: Event) -> bool:
        """Hands an event to the client, which keeps those of QoS 1 until it can send them."""
        return self._numbered(event) is not None

    def _numbered(self, event: Event) -> int | None:
        """The number of its message, None when the client refused it."""
        info = self._send(event)
        if event.qos and info.rc in (MQTT_ERR_SUCCESS, MQTT_ERR_NO_CONN):
            self._waiting.add(info.mid)
            return info.mid
        return info.mid if info.rc == MQTT_ERR_SUCCESS else None

    def _is_told(self, number: int) -> bool:
        with self._lock:
            self._queued()
            return number not in self._waiting

    def _queued(self) -> int:
        """How many events of QoS 1 the broker has not confirmed yet.

        The client confirms in its own thread while it holds its own locks, so that side only
        appends to a deque; it may even do so before _accepted knows the number of the message.
        """
        while self._taken:
            self._waiting.discard(self._taken.popleft())
        return len(self._waiting)

    def _wait_for_all(self) -> None:
        until = time.monotonic() + CLOSE_S
        while self._queued() and time.monotonic() < until:
            Flag().wait(0.02)

    def _prepared(self, settings: MqttSettings) -> Client:
        name = settings.client_id or f"vision-{self._origin.site}-{self._origin.device}"
        try:
            client = client_for(settings, name, "publish.mqtt")
        except DeviceUnavailable as error:
            raise AppError(str(error)) from error
        client.max_queued_messages_set(settings.max_queued + ALERTS + RESERVE)
        client.reconnect_delay_set(1, 30)
        if self._announce:
            will = self._status("lost")
            client.will_set(will.topic, _json(will), qos=will.qos, retain=will.retain)
        client.on_connect = self._connected
        client.on_connect_fail = self._unreachable
        client.on_disconnect = self._disconnected
        client.on_publish = lambda client, data, mid, code, properties: self._taken.append(mid)
        return client

    def _send(self, event: Event) -> MQTTMessageInfo:
        return self._client.publish(event.topic, _json(event), qos=event.qos, retain=event.retain)

    def _status(self, state: str) -> StatusEvent:
        return StatusEvent(self._origin, state, datetime.now(timezone.utc), version())  # type: ignore[arg-type]

    def _connected(
        self,
        client: Client,
        data: Any,
        flags: ConnectFlags,
        code: ReasonCode,
        properties: Properties | None,
    ) -> None:
        self._refused = code.is_failure
        if self._refused:
            self._say(f"the broker {self._where} refuses us: {code}; check its access rules")
            return
        with self._lock:
            self._counts["connects"] += 1
        self._problem = ""
        self.settled.set()
        for topic in self._topics:
            client.subscribe(topic, qos=1)
        if self._announce:
            log.info("connected to the broker %s", self._where)
            self._send(self._status("online"))

    def _unreachable(self, client: Client, data: Any) -> None:
        self._say(f"the broker {self._where} cannot be reached; trying again")

    def _disconnected(
        self,
        client: Client,
        data: Any,
        flags: DisconnectFlags,
        code: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if code.is_failure and not self._refused:
            self._say(f"the broker {self._where} closed the connection: {code}; trying again")

    def _say(self, problem: str) -> None:
        if problem != self._problem and self._announce:
            log.warning(problem)
        self._problem = problem
        self.settled.set()

    @property
    def _where(self) -> str:
        return f"{self._settings.host}:{self._settings.port}"


def _json(event: Event) -> str:
    return json.dumps(event.payload(), ensure_ascii=False, separators=(",", ":"))


def probe(settings: MqttSettings, origin: Origin) -> str:
    """Connects once without publishing anything; returns what is wrong, or an empty text."""
    publisher = MqttPublisher(settings, origin, announce=False)
    publisher.settled.wait(PROBE_S)
    publisher.close()
    return publisher.problem
