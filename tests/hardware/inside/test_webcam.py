"""The V4L2 camera on a USB webcam, through the kernel's real uvcvideo driver."""

import time
from collections.abc import Iterator
from threading import Event

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from devices.cameras.v4l2 import V4L2Camera
from devices.errors import DeviceLost, DeviceUnavailable, NothingYet
from devices.frame import Frame
from devices.pixels import Layout, decode
from devices.settings import CameraSettings
from devices.v4l2.finding import cameras
from tests.checks_camera import check_camera
from tests.hardware.inside.webcam import Webcam

WIDTH, HEIGHT, FPS = 640, 480, 15
SETTINGS = CameraSettings(name="door", source="/dev/video0", width=WIDTH, height=HEIGHT, fps=FPS)


@pytest.fixture(scope="module")
def jpegs() -> tuple[bytes, ...]:
    """Ten pictures full of detail, as the camera sends them."""
    random = np.random.default_rng(1)
    coarse = random.integers(0, 255, (10, HEIGHT // 8, WIDTH // 8, 3), np.uint8)
    return tuple(
        cv2.imencode(".jpg", cv2.resize(small, (WIDTH, HEIGHT)))[1].tobytes() for small in coarse
    )


@pytest.fixture(scope="module")
def webcam(jpegs: tuple[bytes, ...], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Webcam]:
    footage = tmp_path_factory.mktemp("webcam") / "footage.mjpg"
    footage.write_bytes(b"".join(jpegs))
    with Webcam("--source", footage, "--format", "MJPG", "--fps", str(FPS)) as camera:
        yield camera


@pytest.fixture(scope="module")
def originals(jpegs: tuple[bytes, ...]) -> tuple[NDArray[np.uint8], ...]:
    layout = Layout(WIDTH, HEIGHT)
    return tuple(decode("MJPG", np.frombuffer(jpeg, np.uint8), layout) for jpeg in jpegs)


@pytest.fixture
def camera(webcam: Webcam) -> Iterator[V4L2Camera]:
    """Open, with its first frame read; whatever was switched is as before in the end."""
    with V4L2Camera(SETTINGS) as opened:
        opened.read(10.0)
        yield opened
        for fault in ("empty", "truncate", "corrupt", "error"):
            webcam.act(f"{fault} 0")


def read_for(camera: V4L2Camera, seconds: float) -> list[Frame]:
    frames, end_s = [], time.monotonic() + seconds
    while time.monotonic() < end_s:
        try:
            frames.append(camera.read(0.5))
        except NothingYet:
            continue
    return frames


def opened_within(seconds: float, settings: CameraSettings, first_seq: int) -> V4L2Camera:
    """What the application does: tries again until the camera is there."""
    end_s = time.monotonic() + seconds
    while True:
        try:
            return V4L2Camera(settings, first_seq)
        except DeviceUnavailable:
            assert time.monotonic() < end_s
            Event().wait(0.2)


def unlike(frames: list[Frame], originals: tuple[NDArray[np.uint8], ...]) -> int:
    """How many frames are none of the pictures that the webcam really has."""
    return sum(not any(np.array_equal(f.pixels, o) for o in originals) for f in frames)


@pytest.mark.usefixtures("webcam")
def test_it_does_what_every_camera_does() -> None:
    check_camera(lambda first_seq: V4L2Camera(SETTINGS, first_seq))


@pytest.mark.usefixtures("webcam")
def test_only_its_picture_node_is_a_camera() -> None:
    (listed,) = cameras()
    assert (listed.node, listed.formats) == ("/dev/video0", ("MJPG",))
    with pytest.raises(DeviceUnavailable, match="camera /dev/video1 is not a camera"):
        V4L2Camera(SETTINGS.model_copy(update={"source": "/dev/video1"}))


def test_its_frames_come_whole_and_at_its_rate(
    camera: V4L2Camera, originals: tuple[NDArray[np.uint8], ...]
) -> None:
    assert camera.mode == f"MJPG {WIDTH}x{HEIGHT} at {FPS} fps"
    frames = read_for(camera, 4.0)
    first, last = frames[0], frames[-1]
    rate = (last.seq - first.seq) / (last.captured_s - first.captured_s)
    assert FPS / 3 < rate < FPS * 1.15, "on a busy host the emulated one sends them later"
    assert unlike(frames, originals) == 0


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("truncate", "damaged"), ("empty", "driver_dropped"), ("error", "driver_dropped")],
)
def test_cut_empty_and_faulty_frames_are_counted_and_never_returned(
    fault: str,
    reason: str,
    webcam: Webcam,
    camera: V4L2Camera,
    originals: tuple[NDArray[np.uint8], ...],
) -> None:
    webcam.act(f"{fault} 0.5")
    frames, end_s = read_for(camera, 3.0), time.monotonic() + 15
    while camera.losses.get(reason, 0) < 5:
        assert time.monotonic() < end_s, "on a busy host it sends few, but not so few"
        frames += read_for(camera, 1.0)
    assert frames
    assert unlike(frames, originals) == 0


def test_overwritten_frames_are_counted_and_hardly_ever_returned(
    webcam: Webcam, camera: V4L2Camera, originals: tuple[NDArray[np.uint8], ...]
) -> None:
    webcam.act("corrupt 0.5")
    frames = read_for(camera, 6.0)
    webcam.act("corrupt 0")
    damaged = camera.losses["damaged"]
    assert damaged >= 15
    assert unlike(frames, originals) <= damaged / 10


def test_a_stalled_camera_keeps_nobody_waiting_and_goes_on(
    webcam: Webcam, camera: V4L2Camera
) -> None:
    webcam.act("stall")
    read_for(camera, 0.5)
    begin_s = time.monotonic()
    with pytest.raises(NothingYet, match=r"no frame within 0\.5 s"):
        camera.read(0.5)
    assert 0.4 < time.monotonic() - begin_s < 1.5
    webcam.act("resume")
    camera.read(5.0)


def test_an_unplugged_camera_is_lost_within_two_seconds_and_read_again_when_it_is_back(
    webcam: Webcam, camera: V4L2Camera
) -> None:
    last = camera.read(5.0)
    webcam.act("unplug")
    begin_s = time.monotonic()
    with pytest.raises(DeviceLost, match="was unplugged"):
        read_for(camera, 5.0)
    assert time.monotonic() - begin_s < 2
    camera.close()
    with pytest.raises(DeviceUnavailable, match="is not there: plug it in"):
        V4L2Camera(SETTINGS)
    webcam.act("plug")
    with opened_within(10.0, SETTINGS, last.seq + 1) as again:
        assert again.read(5.0).seq > last.seq


@pytest.mark.usefixtures("webcam")
def test_its_controls_are_set_and_one_that_is_out_of_range_is_told_and_frames_come() -> None:
    wishes = {"brightness": 200, "contrast": 96, "exposure": "auto"}
    with V4L2Camera(SETTINGS.model_copy(update={"controls": wishes})) as camera:
        assert camera.faults == (
            "controls.contrast = 96: it takes 0 to 95",
            'controls.exposure = "auto": this camera has no automatic exposure',
        )
        camera.read(5.0)
    (listed,) = cameras(wholly=True)
    assert {one.name: one.value for one in listed.controls}["brightness"] == 200
    assert {offer.fastest for offer in listed.offers} == {float(FPS)}


def test_a_camera_that_comes_back_under_another_number_is_found_by_its_name_and_serial_number(
    webcam: Webcam, camera: V4L2Camera
) -> None:
    (known,) = cameras()
    webcam.act("unplug")
    webcam.act("plug")
    for source in (f"name:{known.name}", f"serial:{known.serial}"):
        wish = SETTINGS.model_copy(update={"source": source})
        with opened_within(10.0, wish, 0) as again:
            again.read(5.0)
            assert [listed.node for listed in cameras()] != [known.node]
    with pytest.raises(DeviceLost):
        camera.read(1.0)
