"""Servers that can be killed and come back on the same port: broker, store, camera over HTTP."""

import signal
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from threading import Thread
from typing import Protocol

from benchmarks.s3_server import S3Server
from tests.wire.broker import broker, free_port
from tests.wire.faulty import Fault, FaultyS3
from tests.wire.streams import MjpegServer

BROKER = "allow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0"
"""It drops nothing for those who listen, however much comes at once."""
GONE = Fault(reset_after=0)


class Process(Protocol):
    """What can be held in its tracks."""

    def send_signal(self, number: int, /) -> None:
        """As subprocess.Popen has it."""


def hold(process: Process) -> None:
    """It stands still, with all its connections."""
    process.send_signal(signal.SIGSTOP)


def let_go(process: Process) -> None:
    """It goes on."""
    process.send_signal(signal.SIGCONT)


class Broker:
    """A real mosquitto."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.port, self._open = folder, free_port(), ExitStack()
        self.start()

    def start(self) -> None:
        """Begins, or begins again with what it had written down."""
        self.process = self._open.enter_context(broker(self._folder, self.port, BROKER))

    def kill(self) -> None:
        """With kill -9."""
        self.process.kill()
        self._open.close()

    close = kill


class Store:
    """A real S3 API behind a network that fails when told."""

    def __init__(self, server: S3Server) -> None:
        self.server, self.port = server, free_port()
        self.start()

    @property
    def endpoint(self) -> str:
        """Where the service finds it."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """From now on all is well."""
        self._network = FaultyS3(self.server.endpoint, port=self.port)
        self._network.__enter__()

    def answer(self, fault: Fault) -> None:
        """From now on that happens to every request."""
        self._network.always = fault

    def kill(self) -> None:
        """Nobody listens any more, and connections that stand are reset."""
        self._network.always = GONE
        self._network.__exit__()

    close = kill


class HttpCamera:
    """Sends JPEGs over HTTP."""

    def __init__(self, shown: Sequence[bytes], fps: float) -> None:
        self.shown, self._fps, self.port = shown, fps, free_port()
        self.start()

    @property
    def source(self) -> str:
        """Its address."""
        return self._server.source

    def start(self) -> None:
        """Begins, or begins again."""
        self._server = MjpegServer(self.shown, self._fps, port=self.port)
        self._thread = Thread(target=self._server.serve_forever, args=[0.05])
        self._thread.start()

    def kill(self) -> None:
        """Ends every connection; nobody listens any more."""
        self._server.close()
        self._thread.join()

    close = kill

    def show(self, shown: Sequence[bytes] | None = None) -> None:
        """From now on these, as many as there were; without any, what it showed at first."""
        self._server.shown = shown or self.shown

    def fall_silent(self) -> None:
        """Connections stand, and nothing comes."""
        self._server.silent.set()

    def speak(self) -> None:
        """It goes on."""
        self._server.silent.clear()
