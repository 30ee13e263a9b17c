"""A network that fails as it is told, between a device and an S3 server: a proxy on loopback."""

import socket
import struct
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from http.client import HTTPConnection, HTTPMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

STEPS_PER_S = 20
HOP_BY_HOP = {"connection", "expect", "transfer-encoding", "content-length", "server", "date"}


@dataclass(frozen=True)
class Fault:
    """What happens to one request. All that is not said is as it should be.

    on: of requests whose line ("PUT /bucket/key?query") holds this. status, code: answered without
    asking the server. answers: headers of the answer, instead of its own; None leaves one out.
    forgets: headers of the request that the server does not see. reset_after: bytes of the body
    until the connection is reset. lost: the server does it, its answer is lost. silent: the
    connection stands, and nothing comes. bytes_per_s: how fast the body gets through.
    """

    on: str = ""
    status: int = 0
    code: str = ""
    message: str = "so"
    answers: Mapping[str, str | None] = field(default_factory=dict)
    forgets: tuple[str, ...] = ()
    reset_after: int | None = None
    lost: bool = False
    silent: bool = False
    bytes_per_s: float = 0.0


def clock_off_by(hours: float) -> dict[str, str]:
    """The Date of a server whose clock is so far ahead of ours."""
    date = datetime.now(timezone.utc) + timedelta(hours=hours)
    return {"Date": format_datetime(date, usegmt=True)}


INTERNAL = Fault(status=500, code="InternalError")
SLOW_DOWN = Fault(status=503, code="SlowDown")
RESET = Fault(on="PUT", reset_after=1000)
LOST = Fault(on="PUT", lost=True)
BLACK_HOLE = Fault(silent=True)
SLOW = Fault(on="PUT", bytes_per_s=1000)
DENIED = Fault(status=403, code="AccessDenied")
EXPIRED = Fault(status=400, code="ExpiredToken")
NO_BUCKET = Fault(status=404, code="NoSuchBucket")
WRONG_REGION = Fault(
    status=400, code="AuthorizationHeaderMalformed", answers={"x-amz-bucket-region": "eu-west-1"}
)
SKEWED = Fault(status=403, code="RequestTimeTooSkewed", answers=clock_off_by(hours=-3.2))
NO_CHECKSUMS = Fault(answers={"x-amz-checksum-sha256": None, "x-amz-checksum-type": None})
"""A server that neither keeps nor confirms checksums."""
IGNORES_CONDITION = Fault(forgets=("if-none-match",))
"""A server of a time when one could not ask for objects that are new only."""


@dataclass(frozen=True)
class Seen:
    """A request as it came in. took_s: until its body was there."""

    line: str
    headers: Mapping[str, str]
    size: int
    took_s: float


class FaultyS3:
    """Gives each request to the server, with the first fault that is meant for it, which is spent.

    faults: can be added to at any time, by any thread. always: happens to all other requests.
    begun: the line of every request. seen: every request whose body arrived.
    """

    def __init__(self, server: str, *faults: Fault, always: Fault = Fault(), port: int = 0) -> None:
        """server: the address of a real one. port: where this one listens; 0 takes a free one."""
        self.faults, self.always = list(faults), always
        self.begun: list[str] = []
        self.seen: list[Seen] = []
        self.closing = threading.Event()
        self._guard = threading.Lock()
        self._server = _Server(("127.0.0.1", port), _handler(self, urlsplit(server).netloc))
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.02])
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "FaultyS3":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def lines(self, method: str) -> list[str]:
        """The paths, with queries, that were asked for so."""
        return [seen.line.partition(" ")[2] for seen in self.seen if seen.line.startswith(method)]

    def next_fault(self, line: str) -> Fault:
        """The one for a request; called by the handler."""
        with self._guard:
            self.begun.append(line)
            found = next((fault for fault in self.faults if fault.on in line), None)
            if found is None:
                return self.always if self.always.on in line else Fault()
            self.faults.remove(found)
            return found


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no news."""


def _handler(proxy: FaultyS3, server: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10
        disable_nagle_algorithm = True

        def handle_expect_100(self) -> bool:
            return True  # said when it is known what becomes of the request

        def _do(self) -> None:
            fault = proxy.next_fault(self.requestline)
            if fault.silent:
                proxy.closing.wait(60)
                self._reset()
                return
            if fault.status and self.headers.get("Expect"):
                self._refuse(fault)
                return
            if self.headers.get("Expect"):
                self.send_response_only(100)
                self.end_headers()
            body = self._read(fault)
            if body is None:
                self._reset()
            elif fault.status:
                self._refuse(fault)
            else:
                self._pass_on(fault, body)

        do_PUT = do_GET = do_HEAD = do_POST = do_DELETE = _do

        def _read(self, fault: Fault) -> bytes | None:
            """The body; None when it ends before."""
            size, began = int(self.headers.get("Content-Length", 0)), time.monotonic()
            if fault.reset_after is not None:
                self.rfile.read(min(size, fault.reset_after))
                return None
            step = max(1, int(fault.bytes_per_s / STEPS_PER_S)) if fault.bytes_per_s else size
            body = b""
            while len(body) < size:
                if fault.bytes_per_s and proxy.closing.wait(1 / STEPS_PER_S):
                    return None
                piece = self.rfile.read(min(step, size - len(body)))
                if not piece:
                    return None
                body += piece
            line = " ".join(self.requestline.split()[:2])
            headers = {name.lower(): value for name, value in self.headers.items()}
            proxy.seen.append(Seen(line, headers, size, time.monotonic() - began))
            return body

        def _pass_on(self, fault: Fault, body: bytes) -> None:
            connection = HTTPConnection(server, timeout=10)
            connection.putrequest(
                self.command, self.path, skip_host=True, skip_accept_encoding=True
            )
            for name, value in self.headers.items():
                if name.lower() not in ("expect", "connection", *fault.forgets):
                    connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            if fault.lost:
                self._reset()
            else:
                size = answer.headers.get("Content-Length") if self.command == "HEAD" else None
                self._say(answer.status, answer.headers, content, fault, size)

        def _refuse(self, fault: Fault) -> None:
            text = f"<Error><Code>{fault.code}</Code><Message>{fault.message}</Message></Error>"
            content = b"" if self.command == "HEAD" else text.encode()
            self.close_connection = True  # the body was not read
            self._say(fault.status, HTTPMessage(), content, fault)

        def _say(
            self,
            status: int,
            headers: HTTPMessage,
            content: bytes,
            fault: Fault,
            size: str | None = None,
        ) -> None:
            changed = {name.lower(): value for name, value in fault.answers.items()}
            self.send_response_only(status)
            self.send_header("Date", changed.pop("date", None) or self.date_time_string())
            for name, value in headers.items():
                if name.lower() not in HOP_BY_HOP and name.lower() not in changed:
                    self.send_header(name, value)
            for name, said in changed.items():
                if said is not None:
                    self.send_header(name, said)
            self.send_header("Content-Length", size or str(len(content)))
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(content)

        def _reset(self) -> None:
            hard = struct.pack("ii", 1, 0)  # SO_LINGER 0: RST instead of FIN
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, hard)
            self.close_connection = True
            self.connection.close()

        def log_message(self, format: str, *arguments: object) -> None:
            """Says nothing."""

    return Handler
