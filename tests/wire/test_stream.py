"""Cameras on the network against real servers."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from threading import enumerate as threads

import pytest

from devices.camera import Camera, open_camera
from devices.errors import DeviceLost, DeviceUnavailable, NothingYet
from devices.frame import Frame
from devices.settings import CameraSettings
from devices.streams.address import address_of
from devices.streams.knock import why_not
from tests.checks_camera import check_camera
from tests.wire.broker import free_port
from tests.wire.captures import until
from tests.wire.streams import FPS, H264, HEIGHT, JPEG, STEP, WIDTH, mjpeg, pictures, rtsp
from vision_app.cameras.capture import Capture, State
from vision_app.cameras.latest import Latest
from vision_app.ledger import Ledger

pytestmark = pytest.mark.wire

PATIENCE_S = 10.0
SECRET = "ge:h@e/im%41"
KINDS = ("h264", "jpeg", "http")
FORGETS = """
import sys
from devices.camera import open_camera
from devices.settings import CameraSettings
camera = open_camera(CameraSettings(name="gate", kind="stream", source=sys.argv[1]))
camera.read(5.0)
print("seen")
"""


@contextmanager
def served(kind: str, folder: Path, fps: int = FPS) -> Iterator[str]:
    """The address of a stream of that kind."""
    if kind == "http":
        with mjpeg(fps=fps) as server:
            yield server.source
    else:
        with rtsp(folder, {"h264": H264, "jpeg": JPEG}[kind], fps=fps) as rtsp_server:
            yield rtsp_server.source


def settings(source: str, **changes: object) -> CameraSettings:
    given = {"name": "gate", "kind": "stream", "source": source, "fps": 60.0}
    return CameraSettings.model_validate(given | changes)


def opened(source: str, first_seq: int = 0, fps: float = 60.0) -> Camera:
    return open_camera(settings(source, fps=fps), first_seq)


def refused(source: str, **login: object) -> str:
    with pytest.raises(DeviceUnavailable) as refusal:
        open_camera(settings(source, **login))
    return str(refusal.value)


def shade(frame: Frame) -> float:
    return float(frame.pixels.mean())


@contextmanager
def silent_server() -> Iterator[int]:
    """A port where one is let in and never answered."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


@pytest.mark.parametrize("kind", ["h264", "http"])
def test_it_does_what_every_camera_does(kind: str, tmp_path: Path) -> None:
    with served(kind, tmp_path) as source:
        check_camera(lambda first_seq: opened(source, first_seq))


@pytest.mark.parametrize("kind", KINDS)
def test_frames_come_in_their_size_and_in_their_order(kind: str, tmp_path: Path) -> None:
    with served(kind, tmp_path) as source, opened(source, 7) as camera:
        frames = [camera.read(PATIENCE_S) for _ in range(12)]
        assert (frames[0].width, frames[0].height) == (WIDTH, HEIGHT)
        protocol, codec = source.split(":")[0], "H264" if kind == "h264" else "MJPG"
        rate = "" if kind == "http" else f" at {FPS} fps"
        assert camera.mode == f"{protocol} {codec} {WIDTH}x{HEIGHT}{rate}"
    assert frames[0].seq >= 7
    for earlier, later in pairwise(frames):
        expected = (shade(earlier) + STEP * (later.seq - earlier.seq)) % 256
        assert min(abs(shade(later) - expected), 256 - abs(shade(later) - expected)) < STEP / 2


@pytest.mark.parametrize("kind", ["h264", "http"])
def test_who_comes_late_gets_the_newest_frame(kind: str, tmp_path: Path) -> None:
    with served(kind, tmp_path) as source, opened(source) as camera:
        first = camera.read(PATIENCE_S)
        Flag().wait(10 / FPS)
        second, third = camera.read(PATIENCE_S), camera.read(PATIENCE_S)
        assert second.seq - first.seq >= 8
        assert time.monotonic() - third.captured_s < 2 / FPS
        assert third.seq - second.seq <= 2
        assert sum(camera.losses.values()) >= second.seq - first.seq - 1
        assert camera.losses["stale"] >= 7


def test_a_stream_that_is_faster_than_asked_is_thinned_out() -> None:
    with mjpeg(fps=50) as server, opened(server.source, fps=10) as camera:
        frames = [camera.read(PATIENCE_S) for _ in range(9)]
        losses = camera.losses
    took_s = frames[-1].captured_s - frames[1].captured_s
    assert 6 / 10 <= took_s < 12 / 10
    assert sum(losses.values()) >= losses["surplus"] >= 4 * 7
    assert frames[-1].seq + 1 <= len(frames) + sum(losses.values())


def test_a_stream_that_is_slower_than_asked_comes_whole() -> None:
    with mjpeg(fps=8) as server, opened(server.source, fps=25) as camera:
        for _ in range(3):
            camera.read(PATIENCE_S)
        before = sum(camera.losses.values())
        numbers = [camera.read(PATIENCE_S).seq for _ in range(4)]
        assert numbers == list(range(numbers[0], numbers[0] + 4))
        assert sum(camera.losses.values()) == before


def test_a_cut_jpeg_is_counted_and_never_shown() -> None:
    whole = pictures()[8]
    with mjpeg([whole, whole, whole, whole[:-200]]) as server, opened(server.source) as camera:
        frames = [camera.read(PATIENCE_S) for _ in range(9)]
        assert camera.losses["damaged"] >= 2
    assert {round(shade(frame) / STEP) for frame in frames} == {8}
    assert all(frame.pixels.min() == frame.pixels.max() for frame in frames)


def test_a_server_that_is_killed_loses_the_camera_until_it_is_back(tmp_path: Path) -> None:
    with rtsp(tmp_path) as server:
        capture = Capture(settings(server.source), Latest(), Ledger())
        until(capture, State.LIVE)
        server.kill()
        begin_s = time.monotonic()
        until(capture, State.LOST)
        assert time.monotonic() - begin_s < 3
        assert "127.0.0.1" in capture.view.problem
        server.start()
        until(capture, State.LIVE)
        assert (capture.view.opened, capture.view.problem) == (2, "")
        capture.close()


def test_a_server_that_falls_silent_is_noticed_and_left_at_once(tmp_path: Path) -> None:
    with rtsp(tmp_path) as server, opened(server.source) as camera:
        camera.read(PATIENCE_S)
        server.process.send_signal(signal.SIGSTOP)
        begin_s = time.monotonic()
        with pytest.raises(DeviceLost, match=r"sent nothing for 2 s: look at the network"):
            read_on(camera)
        assert 1.9 < time.monotonic() - begin_s < 3
        begin_s = time.monotonic()
        camera.close()
        assert time.monotonic() - begin_s < 0.2


def read_on(camera: Camera) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < end_s:
        try:
            camera.read(0.1)
        except NothingYet:
            continue


def test_a_dead_server_is_given_up_in_time_and_holds_up_no_other_camera() -> None:
    told: list[str] = []
    with silent_server() as port, mjpeg() as server:
        begin_s = time.monotonic()
        dead = [
            Thread(
                target=lambda scheme=scheme: told.append(refused(f"{scheme}://127.0.0.1:{port}"))
            )
            for scheme in ("rtsp", "http")
        ]
        for thread in dead:
            thread.start()
        with opened(server.source) as camera:
            camera.read(PATIENCE_S)
            assert time.monotonic() - begin_s < 1.5
        for thread in dead:
            thread.join()
        assert time.monotonic() - begin_s < 3.2
    assert [sentence.split(" within")[0].replace("rtsp", "http") for sentence in told] == [
        f"camera gate: http://127.0.0.1:{port} does not answer"
    ] * 2


def test_a_closed_camera_is_lost_at_once_and_leaves_no_thread() -> None:
    with mjpeg(fps=5) as server:
        camera = opened(server.source)
        waiting = Thread(target=lost_while_reading, args=[camera])
        waiting.start()
        (reading,) = [one for one in threads() if one.name.endswith(f":{server.server_port}")]
        begin_s = time.monotonic()
        camera.close()
        assert time.monotonic() - begin_s < 0.1
        with pytest.raises(DeviceLost, match="is closed"):
            camera.read(0.0)
        waiting.join(1.0)
        reading.join(1.0)
        assert not waiting.is_alive()
        assert not reading.is_alive()


def lost_while_reading(camera: Camera) -> None:
    with pytest.raises(DeviceLost):
        read_on(camera)


def test_a_program_that_forgets_to_close_its_camera_ends_all_the_same() -> None:
    with mjpeg() as server:
        command = [sys.executable, "-c", FORGETS, server.source]
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "seen\n", "")


@pytest.mark.parametrize("method", ["basic", "digest"])
def test_rtsp_takes_the_right_password_and_says_what_is_wrong_with_others(
    method: str, tmp_path: Path
) -> None:
    with rtsp(tmp_path, JPEG, method, "guard", SECRET) as server:
        check_passwords(server.source, tmp_path / "secret")
        (tmp_path / "secret").write_text(SECRET)
        login = {"username": "guard", "password_file": tmp_path / "secret"}
        asked = why_not(address_of(settings(server.source, **login)))
        assert asked == "answers, but with nothing that can be played: look at source"


def test_http_takes_the_right_password_and_says_what_is_wrong_with_others(tmp_path: Path) -> None:
    with mjpeg(user=f"guard:{SECRET}") as server:
        check_passwords(server.source, tmp_path / "secret")


def test_over_tls_it_is_the_same(tmp_path: Path) -> None:
    with mjpeg(user=f"guard:{SECRET}") as server:
        check_passwords(server.over_tls(tmp_path), tmp_path / "secret")


def check_passwords(source: str, secret: Path) -> None:
    ours: dict[str, object] = {"username": "guard", "password_file": secret}
    secret.write_text(f"{SECRET}\n")
    with open_camera(settings(source, **ours)) as camera:
        camera.read(PATIENCE_S)
    secret.write_text("not-this-one")
    place = source.partition("/live")[0].partition("/video")[0]
    assert refused(source, **ours) == (
        f"camera gate: {place} refuses username and password: set them as the camera has them"
    )
    assert refused(source) == (
        f"camera gate: {place} asks for a user: set username and password_file"
    )


def test_an_address_where_nobody_listens_is_named(tmp_path: Path) -> None:
    port = free_port()
    assert refused(f"rtsp://127.0.0.1:{port}/live").startswith(
        f"camera gate: rtsp://127.0.0.1:{port} is not served: nothing listens there"
    )


def test_a_path_that_the_camera_does_not_have_is_told_without_showing_it(tmp_path: Path) -> None:
    with rtsp(tmp_path, JPEG) as server:
        sentence = refused(server.source + "-geheim")
    assert "has no such stream: set the path in source" in sentence
    assert "geheim" not in sentence


def test_a_server_of_another_kind_is_told() -> None:
    with mjpeg() as server:
        sentence = refused(server.source.replace("http", "rtsp"))
    assert "look at" in sentence
    assert "does not speak as it should" in sentence or "answers with status" in sentence
