"""A sensor behind an OPC UA server: a PLC or a process control system."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from threading import Lock
from types import MappingProxyType
from typing import Any

from devices.errors import DeviceLost, DeviceUnavailable
from devices.readings.asked import Asked
from devices.secret import password_in
from devices.sensor_settings import OpcUaSettings

ANSWER_S = 4.0


def open_opcua(settings: OpcUaSettings) -> Asked:
    """Connects and subscribes. Raises DeviceUnavailable."""
    return Asked(settings.name, settings.every_s, settings.signal, OpcUaServer(settings))


class OpcUaServer:
    """A subscription to the nodes of all signals.

    The server tells when a node changes, so what it does not tell has not changed. A value that it
    calls bad is missing.
    """

    losses: Mapping[str, int] = MappingProxyType({})

    def __init__(self, settings: OpcUaSettings) -> None:
        """Connects and subscribes. Raises DeviceUnavailable."""
        try:
            from asyncua import ua
            from asyncua.sync import Client
        except ImportError as error:
            raise DeviceUnavailable(
                f"sensor {settings.name} needs asyncua: pip install 'vision-app[opcua]'"
            ) from error
        logging.getLogger("asyncua").setLevel(logging.CRITICAL)  # what it says, we say
        self._settings = settings
        self._broken = (OSError, ua.UaError, asyncio.TimeoutError, RuntimeError)
        self._told: dict[str, object] = {}
        self._turn, self._closed = Lock(), False
        self._names: dict[str, list[str]] = {}
        self._client = self._connected(Client)
        try:
            self._subscribe()
        except DeviceUnavailable:
            self.close()
            raise

    def ask(self) -> dict[str, object]:
        """What the nodes are, as far as the server has told. Raises DeviceLost."""
        with self._turn:
            if self._closed:
                raise DeviceLost(f"{self._about} is closed")
            try:
                self._client.check_connection()
            except self._broken as error:
                raise DeviceLost(f"{self._about} closed the connection: {_said(error)}") from error
        return dict(self._told)

    def close(self) -> None:
        """Disconnects. Who asks at that moment is answered first: the library ends with a crash."""
        with self._turn, suppress(*self._broken):  # it may be gone already
            self._closed = True
            self._client.disconnect()

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


def _said(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
