"""A real OPC UA server on loopback."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

START_S = 30.0


class OpcUaServer:
    """Serves ns=2;s=t (21.5) and ns=2;s=open (True). set and spoil change what a node is."""

    def __init__(self, port: int, users: dict[str, str], certificate: Path | None) -> None:
        self.url = f"opc.tcp://127.0.0.1:{port}/plc"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._nodes: dict[str, Any] = {}
        self._run(self._start(users, certificate))

    def set(self, name: str, value: object) -> None:
        self._run(self._nodes[name].write_value(value))

    def spoil(self, name: str) -> None:
        from asyncua import ua

        bad = ua.DataValue(
            ua.Variant(99.0), StatusCode=ua.StatusCode(ua.UInt32(ua.StatusCodes.BadSensorFailure))
        )
        self._run(self._nodes[name].write_value(bad))

    def close(self) -> None:
        self._run(self._server.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(START_S)
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, Any]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(START_S)

    async def _start(self, users: dict[str, str], certificate: Path | None) -> None:
        from asyncua import Server, ua

        self._server = Server(user_manager=_Users(users) if users else None)
        await self._server.init()
        self._server.set_endpoint(self.url)
        if certificate is not None:
            self._server.set_security_policy([ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt])
            await self._server.load_certificate(str(certificate))
            await self._server.load_private_key(str(certificate.with_suffix(".pem")))
        await self._server.register_namespace("plant")
        for name, value in (("t", 21.5), ("open", True), ("text", "warm")):
            node = ua.NodeId(name, 2)
            self._nodes[name] = await self._server.nodes.objects.add_variable(node, name, value)
        await self._server.start()


class _Users:
    def __init__(self, users: dict[str, str]) -> None:
        self._users = users

    def get_user(
        self, iserver: Any, username: str | None = None, password: str | None = None,
        certificate: Any = None,
    ) -> Any:  # fmt: skip
        from asyncua.crypto.permission_rules import User, UserRole

        known = username is not None and self._users.get(username) == password
        return User(role=UserRole.User) if known else None


@contextmanager
def opcua(
    port: int, users: dict[str, str] | None = None, certificate: Path | None = None
) -> Iterator[OpcUaServer]:
    server = OpcUaServer(port, users or {}, certificate)
    try:
        yield server
    finally:
        server.close()
