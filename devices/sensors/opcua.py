"""A sensor behind an OPC UA server: a PLC or a process control system."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Event
from types import TracebackType
from typing import Any

from devices.errors import DeviceLost, DeviceUnavailable
from devices.reading import Reading
from devices.secret import password_in
from devices.sensor_settings import OpcUaSettings
from devices.sensors.beat import Beat
from devices.sensors.gate import Gate
from devices.sensors.order import Order, utc_now

ANSWER_S = 4.0


class OpcUaSensor:
    """Subscribes to the nodes of its signals; every `every_s` seconds what they are is one reading.

    The server tells when a node changes, so what it does not tell has not changed. A value that it
    calls bad is missing. losses: those of `Gate`.
    """

    def __init__(self, settings: OpcUaSettings, now: Callable[[], datetime] = utc_now) -> None:
        """Connects and subscribes. Raises DeviceUnavailable."""
        try:
            from asyncua import ua
            from asyncua.sync import Client
        except ImportError as error:
            raise DeviceUnavailable(
                f"sensor {settings.name} needs asyncua: pip install 'vision-app[opcua]'"
            ) from error
        logging.getLogger("asyncua").setLevel(logging.CRITICAL)  # what it says, we say
        self._settings, self._now = settings, now
        self._broken = (OSError, ua.UaError, asyncio.TimeoutError, RuntimeError)
        self._gate = Gate(settings.signal, Order("ours", now))
        self._closed, self._told = Event(), dict[str, object]()
        self._beat = Beat(settings.every_s, self._closed)
        self._names: dict[str, list[str]] = {}
        self._client = self._connected(Client)
        try:
            self._subscribe()
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
        return self._gate.losses

    @property
    def problems(self) -> Mapping[str, str]:
        """What is wrong with signals now; see `Gate`."""
        return self._gate.problems

    def read(self, timeout_s: float) -> Reading:
        """The next reading. Raises NothingYet (not due yet), DeviceLost (no connection)."""
        while True:
            self._beat.wait(self._settings.name, timeout_s)
            self._check()
            at = self._now()
            values = self._gate.admit(at, dict(self._told))
            if values:
                return Reading(self._settings.name, at, time.monotonic(), values)

    def close(self) -> None:
        """Disconnects; a read that waits ends at once. May be called twice."""
        if self._closed.is_set():
            return
        self._closed.set()
        try:
            self._client.disconnect()
        except self._broken:  # it is gone already
            return

    def __enter__(self) -> "OpcUaSensor":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def datachange_notification(self, node: Any, value: Any, data: Any) -> None:
        """Called by the library for each node that changes, and for each at the beginning."""
        status = data.monitored_item.Value.StatusCode
        good = status is None or status.is_good()
        for name in self._names.get(node.nodeid.to_string(), ()):
            self._told[name] = value if good else None

    @property
    def _about(self) -> str:
        return f"sensor {self._settings.name}: the OPC UA server {self._settings.source}"

    def _connected(self, client: Any) -> Any:
        s = self._settings
        password = password_in(s.password_file, f"sensor {s.name}") if s.password_file else None
        made = client(s.source, timeout=ANSWER_S)
        try:
            if s.username is not None:
                made.set_user(s.username)
                made.set_password(password)
            if s.cert is not None:
                made.set_security_string(f"Basic256Sha256,SignAndEncrypt,{s.cert},{s.key}")
            made.connect()
        except (*self._broken, ValueError) as error:
            made.tloop.stop()
            raise DeviceUnavailable(
                f"{self._about} cannot be used ({_said(error)}): start it, or correct source, "
                "username, password_file, cert and key"
            ) from error
        return made

    def _subscribe(self) -> None:
        nodes = []
        for signal in self._settings.signal:
            try:
                node = self._client.get_node(signal.place)
                node.read_data_value()
            except (*self._broken, ValueError) as error:
                raise DeviceUnavailable(
                    f"{self._about} has no node {signal.place!r} to read for signal {signal.name} "
                    f"({_said(error)})"
                ) from error
            self._names.setdefault(node.nodeid.to_string(), []).append(signal.name)
            nodes.append(node)
        try:
            period_ms = self._settings.every_s * 1000
            self._client.create_subscription(period_ms, self).subscribe_data_change(nodes)
        except self._broken as error:
            raise DeviceUnavailable(
                f"{self._about} does not let us subscribe: {_said(error)}"
            ) from error

    def _check(self) -> None:
        try:
            self._client.check_connection()
        except self._broken as error:
            raise DeviceLost(f"{self._about} closed the connection: {_said(error)}") from error


def _said(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
