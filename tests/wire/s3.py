"""Real servers on loopback that speak S3: moto's, and one that answers as badly as it is told."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import boto3
from botocore.config import Config
from moto.server import ThreadedMotoServer

from uploader.settings import StoreSettings

BUCKET = "farm-frames"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/nonexistent",
    "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
}


@contextmanager
def moto_s3() -> Iterator[str]:
    """The endpoint of an S3 server."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def emptied(endpoint: str) -> str:
    """The same server with nothing but one empty bucket; credentials must be in place."""
    reset = Request(f"{endpoint}/moto-api/reset", method="POST")
    build_opener(ProxyHandler({})).open(reset).close()
    place = {"LocationConstraint": "eu-central-1"}
    with reader(endpoint) as client:
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
    return endpoint


@contextmanager
def reader(endpoint: str) -> Iterator[Any]:
    """A client that is not ours, to see what the server really holds."""
    path_style = Config(s3={"addressing_style": "path"})
    client = boto3.client("s3", endpoint_url=endpoint, config=path_style)
    try:
        yield client
    finally:
        client.close()


def objects(endpoint: str) -> dict[str, bytes]:
    """Everything in the bucket: address → body."""
    with reader(endpoint) as client:
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        return {
            f"s3://{BUCKET}/{key}": client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
            for key in keys
        }


def settings(endpoint: str, timeout_s: float = 5.0) -> StoreSettings:
    return StoreSettings(
        url=f"s3://{BUCKET}/site-a", endpoint=endpoint, region="eu-central-1", timeout_s=timeout_s
    )


@dataclass(frozen=True)
class Answer:
    """What the bad server does with one request: an answer, a reset, or silence."""

    status: int = 200
    code: str = ""
    checksum: str | None = None
    body: bytes = b""
    reset: bool = False
    silent: bool = False
    cut: bool = False
    """The answer ends before its announced length."""


class BadS3:
    """Gives the answers one after the other, then takes everything; remembers what it was sent."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.02])
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "BadS3":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(server: BadS3) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5

        def do_PUT(self) -> None:
            answer = server.answers.pop(0) if server.answers else Answer()
            if answer.reset:
                hard = struct.pack("ii", 1, 0)  # SO_LINGER 0: RST instead of FIN
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, hard)
                self.close_connection = True
                self.connection.close()
                return
            server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            server.headers.append({name.lower(): value for name, value in self.headers.items()})
            if answer.silent:
                server.closing.wait(5)
                self.close_connection = True
                return
            self._say(answer)

        def do_HEAD(self) -> None:
            self._say(server.answers.pop(0) if server.answers else Answer(), head=True)

        def do_GET(self) -> None:
            self._say(server.answers.pop(0) if server.answers else Answer())

        def _say(self, answer: Answer, head: bool = False) -> None:
            body = b"" if head else answer.body
            if answer.code and not head:
                body = f"<Error><Code>{answer.code}</Code><Message>so</Message></Error>".encode()
            self.send_response(answer.status)
            if answer.checksum:
                self.send_header("x-amz-checksum-sha256", answer.checksum)
            self.send_header("Content-Length", str(len(body) + answer.cut))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection |= answer.cut

        def log_message(self, format: str, *arguments: object) -> None:
            """Says nothing."""

    return Handler
