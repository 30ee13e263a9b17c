"""Cameras on the network, on loopback: a real RTSP server, and MJPEG over HTTP."""

import ssl
import subprocess
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event as Flag
from threading import Thread

import numpy as np
import simplejpeg

from tests.parts import need
from tests.wire.broker import free_port

SYSTEM_PYTHON = "/usr/bin/python3"
SERVER = Path(__file__).with_name("rtsp_server.py")
WIDTH, HEIGHT = 160, 120
STEP = 16
SHADES = range(0, 256, STEP)
FPS = 20
H264 = (
    "jpegdec ! videoconvert ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=20 ! "
    "video/x-h264,profile=baseline ! rtph264pay name=pay0"
)
JPEG = "jpegdec ! jpegenc quality=95 ! rtpjpegpay name=pay0"
PROBE = (
    "import gi; gi.require_version('GstRtspServer', '1.0')\n"
    "from gi.repository import Gst; Gst.init(None)\n"
    "parts = ('multifilesrc', 'jpegdec', 'jpegenc', 'videoconvert')\n"
    "parts += ('x264enc', 'rtph264pay', 'rtpjpegpay')\n"
    "assert all(map(Gst.ElementFactory.find, parts))"
)
PACKAGES = (
    "GStreamer's RTSP server (apt install python3-gi gir1.2-gst-rtsp-server-1.0 "
    "gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly)"
)


def pictures() -> list[bytes]:
    """JPEGs that grow lighter by STEP from one to the next."""
    return [
        simplejpeg.encode_jpeg(
            np.full((HEIGHT, WIDTH, 3), shade, np.uint8), quality=95, colorsubsampling="420"
        )
        for shade in SHADES
    ]


class RtspServer:
    """Pictures round and round; it may be killed, held and started again on its port."""

    def __init__(
        self,
        folder: Path,
        codec: str,
        *lock: str,
        fps: int = FPS,
        shown: Sequence[bytes] | None = None,
    ) -> None:
        shown = shown or pictures()
        for number, picture in enumerate(shown):
            (folder / f"{number}.jpg").write_bytes(picture)
        source = f"multifilesrc location={folder}/%d.jpg stop-index={len(shown) - 1} loop=true"
        self._launch = f"( {source} caps=image/jpeg,framerate={fps}/1 ! {codec} )"
        self._lock, self.port = lock, free_port()
        self.process = self.start()

    @property
    def source(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/live"

    def start(self) -> "subprocess.Popen[bytes]":
        command = [SYSTEM_PYTHON, "-W", "ignore", str(SERVER), str(self.port), self._launch]
        self.process = subprocess.Popen([*command, *self._lock], stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"listens\n"
        return self.process

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def has_rtsp_server() -> bool:
    try:
        done = subprocess.run([SYSTEM_PYTHON, "-c", PROBE], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return done.returncode == 0


@contextmanager
def rtsp(folder: Path, codec: str = H264, *lock: str, fps: int = FPS) -> Iterator[RtspServer]:
    """lock: "basic" or "digest", user, password. Skips, or fails in CI, without GStreamer."""
    need(PACKAGES, has_rtsp_server())
    server = RtspServer(folder, codec, *lock, fps=fps)
    try:
        yield server
    finally:
        server.kill()


class MjpegServer(ThreadingHTTPServer):
    """Sends these pictures round and round to each who asks; after silent is set, nothing more."""

    daemon_threads = True

    def __init__(self, shown: Sequence[bytes], fps: float, user: str = "", port: int = 0) -> None:
        self.shown, self.period_s = shown, 1 / fps
        self.wanted = f"Basic {b64encode(user.encode()).decode()}" if user else ""
        self.silent, self.over = Flag(), Flag()
        super().__init__(("127.0.0.1", port), _Mjpeg)

    def over_tls(self, folder: Path) -> str:
        """From now on; the address. As cameras do, it signs its certificate itself."""
        key, certificate = folder / "key.pem", folder / "certificate.pem"
        words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=camera"
        command = ["openssl", *words.split(), "-keyout", str(key), "-out", str(certificate)]
        subprocess.run(command, check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        return self.source.replace("http:", "https:")

    @property
    def source(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/video.mjpg?token=geheim"

    def close(self) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()


class _Mjpeg(BaseHTTPRequestHandler):
    server: MjpegServer

    def do_GET(self) -> None:
        if self.server.wanted and self.headers["Authorization"] != self.server.wanted:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=next")
        self.end_headers()
        number = 0
        while not self.server.over.wait(self.server.period_s):
            if not self.server.silent.is_set():
                if not self._sent(self.server.shown[number % len(self.server.shown)]):
                    return
                number += 1

    def _sent(self, picture: bytes) -> bool:
        head = f"--next\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
        try:
            self.wfile.write(head.encode() + picture + b"\r\n")
        except OSError:
            return False
        return True

    def log_message(self, format: str, *words: object) -> None:
        """Silent."""


@contextmanager
def mjpeg(
    shown: Sequence[bytes] | None = None, fps: float = FPS, user: str = ""
) -> Iterator[MjpegServer]:
    """user: "name:password", where it asks for them."""
    server = MjpegServer(shown or pictures(), fps, user)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join()
