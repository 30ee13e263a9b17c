import threading
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
