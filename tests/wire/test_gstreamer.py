"""Pipelines in a real GStreamer: right colours, honest ages, clear reasons, and no child left."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path
from threading import Event as Flag
from threading import enumerate as threads

import numpy as np
import pytest

from devices.camera import Camera, open_camera
from devices.errors import DeviceLost, DeviceUnavailable, NothingYet
from devices.settings import CameraSettings
from tests.checks_camera import check_camera
from tests.parts import need
from tests.wire.captures import until
from vision_app.cameras.capture import Capture, State
from vision_app.cameras.latest import Latest
from vision_app.ledger import Ledger

pytestmark = pytest.mark.wire

ROOT = Path(__file__).parents[2]
LIVE = "videotestsrc is-live=true"
PLAIN = f"{LIVE} ! video/x-raw,format=NV12,width=320,height=240,framerate=30/1"
FULL_RANGE = "format=I420,width=640,height=480,colorimetry=1:4:0:0"
SECRET = "hunter-4711"
PATIENCE_S = 10.0
BARS = {
    "white": (255, 255, 255),
    "yellow": (0, 255, 255),
    "cyan": (255, 255, 0),
    "green": (0, 255, 0),
    "magenta": (255, 0, 255),
    "red": (0, 0, 255),
    "blue": (255, 0, 0),
}
"""The upper bars of videotestsrc from left to right, BGR."""
FORGETS = """
import sys
from devices.camera import open_camera
from devices.settings import CameraSettings
camera = open_camera(CameraSettings(name="belt", kind="gstreamer", source=sys.argv[1]))
camera.read(10)
print(camera._intake._child.pid, flush=True)
if len(sys.argv) > 2:
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _gstreamer() -> None:
    program = shutil.which("gst-launch-1.0") and shutil.which("gst-inspect-1.0")
    need(
        "GStreamer with gdppay (apt install gstreamer1.0-tools gstreamer1.0-plugins-base "
        "gstreamer1.0-plugins-good gstreamer1.0-plugins-bad)",
        program and subprocess.run((program, "--exists", "gdppay"), check=False).returncode == 0,
    )


def settings(source: str, **more: object) -> CameraSettings:
    whole = {"name": "belt", "kind": "gstreamer", "source": source, "fps": 30, **more}
    return CameraSettings.model_validate(whole)


def opened(source: str, **more: object) -> Camera:
    return open_camera(settings(source, **more))


def refused(source: str) -> str:
    with pytest.raises(DeviceUnavailable) as refusal:
        opened(source).close()
    return str(refusal.value)


def read_on(camera: Camera, count: int, timeout_s: float = PATIENCE_S) -> None:
    for _ in range(count):
        camera.read(timeout_s)


def children() -> set[int]:
    """Processes of GStreamer that are ours."""
    told = (path.read_text() for path in Path("/proc/self/task").glob("*/children"))
    numbers = {int(number) for text in told for number in text.split()}
    return {number for number in numbers if b"gst-launch" in command_of(number)}


def command_of(number: int) -> bytes:
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes()
    except OSError:
        return b""


def until_gone(number: int) -> None:
    end_s = time.monotonic() + 2
    while command_of(number):
        assert time.monotonic() < end_s, f"process {number} lives on"
        Flag().wait(0.01)


@pytest.mark.parametrize("format", ["NV12", "BGR"])
def test_it_behaves_like_a_camera(format: str) -> None:
    source = f"{LIVE} ! video/x-raw,format={format},width=320,height=240,framerate=30/1"
    check_camera(lambda first: open_camera(settings(source), first))


@pytest.mark.parametrize(
    ("caps", "taken"),
    [
        ("format=NV12,width=640,height=480", "NV12 640x480"),
        ("format=NV12,width=640,height=480,colorimetry=bt709", "* 640x480"),
        ("format=I420,width=648,height=478", "I420 648x478"),
        ("format=YUY2,width=640,height=480", "YUY2 640x480"),
        ("format=I420,width=642,height=479", "BGR 642x479"),
        ("format=RGBA,width=642,height=479", "BGR 642x479"),
        ("format=BGR,width=1280,height=720", "BGR 1280x720"),
        (FULL_RANGE, "* 640x480"),
        (f"{FULL_RANGE} ! jpegenc quality=95 ! jpegdec", "* 640x480"),
    ],
)
def test_colours_are_right_whatever_the_format(caps: str, taken: str) -> None:
    with opened(f"{LIVE} ! video/x-raw,framerate=30/1,{caps}") as camera:
        frame = camera.read(PATIENCE_S)
        assert fnmatch(camera.mode, f"gstreamer {taken} at 30 fps")
    assert f"{frame.width}x{frame.height}" == taken.split()[1]
    for number, (name, expected) in enumerate(BARS.items()):
        x, y = int((number + 0.5) * frame.width / len(BARS)), frame.height // 3
        got = frame.pixels[y, x].astype(int)
        assert np.abs(got - expected).max() <= 8, f"{name} is {got}"


def test_size_and_rate_are_asked_for_where_the_pipeline_leaves_them_open() -> None:
    with opened(LIVE, width=800, height=600, fps=12.5) as camera:
        assert camera.mode.endswith(" 800x600 at 12.5 fps")
    with opened(f"{LIVE} ! video/x-raw,framerate=30/1", width=801, height=601, fps=5) as camera:
        assert camera.mode == "gstreamer BGR 801x601 at 30 fps"


def test_what_comes_faster_than_asked_is_thinned_out_and_counted() -> None:
    with opened(PLAIN, fps=10) as camera:
        frames = [camera.read(PATIENCE_S) for _ in range(6)]
        losses = camera.losses
    assert 0.3 < frames[-1].captured_s - frames[1].captured_s < 0.6
    assert losses["surplus"] >= 8
    assert frames[-1].seq + 1 <= len(frames) + sum(losses.values())


def test_who_comes_late_gets_the_newest_frame_with_its_true_age() -> None:
    with opened(PLAIN) as camera:
        first = camera.read(PATIENCE_S)
        Flag().wait(1.0)
        late = camera.read(PATIENCE_S)
        assert time.monotonic() - late.captured_s < 0.5
        assert late.seq - first.seq >= 15
        assert camera.losses["stale"] >= 10


def test_frames_that_the_pipeline_dropped_are_counted() -> None:
    with opened(f"{PLAIN} ! identity drop-probability=0.5") as camera:
        frames = [camera.read(PATIENCE_S) for _ in range(10)]
        losses = camera.losses
    assert losses["driver_dropped"] >= 1
    assert frames[-1].seq + 1 <= len(frames) + sum(losses.values())


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("nosuchsrc ! videoconvert", 'no element "nosuchsrc"; install its plugin, or correct it'),
        ("videotestsrc colour=red", 'no property "colour" in element "videotestsrc"'),
        ("videotestsrc ! audioconvert", "could not link videotestsrc0 to audioconvert0"),
        ("audiotestsrc", "could not link"),
        ("filesrc location=/no/such/film ! decodebin", 'Resource not found: No such file "/no/'),
        ("videotestsrc num-buffers=0", "came to its end: its source has no more frames"),
    ],
)
def test_a_wrong_pipeline_is_refused_with_the_reason_of_gstreamer(source: str, reason: str) -> None:
    before = children()
    sentence = refused(source)
    assert sentence.startswith("camera belt: its pipeline ")
    assert reason in sentence
    assert "\n" not in sentence
    assert children() == before


@pytest.mark.parametrize(
    "source",
    [
        f"rtspsrc location=rtsp://guard:{SECRET}@127.0.0.1:1/live ! decodebin",
        f"rtspsrc location=rtsp://127.0.0.1:1/live?token={SECRET} user-pw={SECRET} ! decodebin",
        f"souphttpsrc location=http://guard:{SECRET}@127.0.0.1:1/live ! decodebin",
        f"nosuchsrc user-pw={SECRET}",
        f"filesrc location=rtsp://guard:{SECRET}@127.0.0.1:1/live ! decodebin",
        f"uridecodebin uri=rtsp://guard:{SECRET}@127.0.0.1:1/live",
    ],
)
def test_no_sentence_shows_a_secret(source: str) -> None:
    assert SECRET not in refused(source)


def test_without_gstreamer_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refused(LIVE).startswith(
        "camera belt: its pipeline needs gst-launch-1.0: sudo apt install gstreamer1.0-tools"
    )


def test_a_pipeline_without_frames_is_given_up() -> None:
    begin_s = time.monotonic()
    assert "brings no frame within 5 s" in refused(f"{PLAIN} ! valve drop=true")
    assert time.monotonic() - begin_s < 8


def test_a_pipeline_that_is_killed_is_lost_at_once_and_started_again() -> None:
    capture = Capture(settings(PLAIN), Latest(), Ledger())
    before = children()
    until(capture, State.LIVE)
    (killed,) = children() - before
    os.kill(killed, signal.SIGKILL)
    begin_s = time.monotonic()
    until(capture, State.LOST)
    assert time.monotonic() - begin_s < 2
    assert "was ended by signal 9" in capture.view.problem
    until(capture, State.LIVE)
    capture.close()
    assert children() == before


def test_a_pipeline_that_comes_to_its_end_is_lost() -> None:
    camera = opened(f"{LIVE} num-buffers=3 ! video/x-raw,framerate=30/1")
    with pytest.raises(DeviceLost, match="came to its end"), camera:
        read_on(camera, 4)


def test_a_pipeline_that_hangs_blocks_nobody_and_is_ended_all_the_same() -> None:
    before = children()
    camera = opened(PLAIN)
    (hung,) = children() - before
    os.kill(hung, signal.SIGSTOP)
    begin_s = time.monotonic()
    with pytest.raises(NothingYet, match=r"no frame within 0\.2 s"):
        read_on(camera, 20, 0.2)
    assert time.monotonic() - begin_s < 4
    camera.close()
    assert time.monotonic() - begin_s < 8
    assert children() == before


def test_closing_leaves_no_child_no_thread_and_no_file() -> None:
    before = children(), sum(one.name == "gstreamer" for one in threads()), open_files()
    for _ in range(3):
        camera = opened(PLAIN)
        camera.read(PATIENCE_S)
        Flag().wait(0.1)
        camera.close()
        camera.close()
        with pytest.raises(DeviceLost, match="is closed"):
            camera.read(0)
    after = children(), sum(one.name == "gstreamer" for one in threads()), open_files()
    assert after == before


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_a_program_that_forgets_to_close_its_camera_ends_and_its_pipeline_with_it() -> None:
    command = [sys.executable, "-c", FORGETS, PLAIN]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=True)
    assert done.stderr == ""
    until_gone(int(done.stdout))


@pytest.mark.parametrize("hung", [False, True])
def test_a_program_that_is_killed_takes_its_pipeline_with_it(hung: bool) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", FORGETS, PLAIN, "stay"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as program:
        assert program.stdout is not None
        child = int(program.stdout.readline())
        if hung:
            os.kill(child, signal.SIGSTOP)
        program.kill()
    with suppress(ProcessLookupError):
        until_gone(child)
