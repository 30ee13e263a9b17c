"""The V4L2 camera on the kernel's test driver vivid: raw formats, faults, unplugging."""

import time
from collections.abc import Iterator
from threading import Event

import numpy as np
import pytest
from numpy.typing import NDArray

from devices.cameras.v4l2 import V4L2Camera
from devices.errors import DeviceLost, DeviceUnavailable
from devices.settings import CameraSettings
from devices.v4l2.control_calls import controls
from devices.v4l2.finding import cameras
from devices.v4l2.node import V4L2Node
from tests.checks_camera import check_camera
from tests.hardware.inside import vivid

SETTINGS = CameraSettings(name="bench", source=vivid.NODE, width=640, height=480, fps=25)
ROUGH = ("RGBP", "BA81", "GBRG", "GRBG", "RGGB")
COLOURED = ("XR24", "AR24", "YUYV", "UYVY", "YVYU", "NV12", "NV21", "YU12", "YV12", "BGR3", "RGB3")


def picture(fourcc: str) -> NDArray[np.uint8]:
    """The lower half of the test picture, where no changing text stands."""
    with V4L2Camera(SETTINGS, formats=(fourcc,)) as camera:
        assert camera.mode == f"{fourcc.strip()} 640x480 at 25 fps"
        return camera.read(5.0).pixels[300:]


def seconds_until_lost(camera: V4L2Camera) -> float:
    """Seconds until the loss of the device is noticed."""
    begin_s = time.monotonic()
    with pytest.raises(DeviceLost, match="camera /dev/video0"):
        [camera.read(1.0) for _ in range(100)]
    return time.monotonic() - begin_s


@pytest.fixture
def restored() -> Iterator[None]:
    """Leaves a working vivid behind."""
    yield
    vivid.unbind()
    vivid.bind()
    Event().wait(0.5)


def test_it_does_what_every_camera_does() -> None:
    check_camera(lambda first_seq: V4L2Camera(SETTINGS, first_seq))


@pytest.mark.parametrize("fourcc", [*COLOURED, *ROUGH])
def test_every_colour_format_shows_the_same_picture(fourcc: str) -> None:
    seen, reference = picture(fourcc).astype(int), picture("BGR3").astype(int)
    assert reference.std() > 40
    assert np.abs(seen - reference).mean() < 4


@pytest.mark.parametrize("fourcc", ["GREY", "Y16 "])
def test_grey_shows_the_luma_of_the_picture(fourcc: str) -> None:
    grey = picture(fourcc)
    assert (grey[..., 0] == grey[..., 1]).all()
    assert (grey[..., 0] == grey[..., 2]).all()
    reference = picture("BGR3") @ np.array([0.114, 0.587, 0.299])
    assert np.corrcoef(grey[..., 0].ravel(), reference.ravel())[0, 1] > 0.95


def test_a_size_that_it_cannot_do_becomes_the_nearest() -> None:
    with V4L2Camera(SETTINGS.model_copy(update={"width": 700, "height": 500})) as camera:
        frame = camera.read(5.0)
    assert (frame.width, frame.height) == (640, 480)
    assert "640x480" in camera.mode


@pytest.mark.parametrize(
    ("asked", "mode", "note"),
    [
        ((320, 180, 60), "320x180 at 60 fps", ""),
        ((1280, 720, 12.5), "1280x720 at 12.5 fps", ""),
        (
            (1920, 1080, 30),
            "1920x1080 at 5 fps",
            ": set fps = 5, or width = 640, height = 360 for 30 fps",
        ),
    ],
)
def test_the_size_and_the_nearest_rate_are_reached_and_what_lacks_is_told(
    asked: tuple[int, int, float], mode: str, note: str
) -> None:
    wish = dict(zip(("width", "height", "fps"), asked, strict=True))
    with V4L2Camera(SETTINGS.model_copy(update=wish)) as camera:
        assert camera.mode == f"BGR3 {mode}"
        frame = camera.read(5.0)
        assert (frame.width, frame.height) == asked[:2]
        assert len(camera.notes) == bool(note)
        assert all(told.endswith(note) for told in camera.notes)


def test_a_named_format_is_taken_and_one_that_it_lacks_is_refused_with_those_it_has() -> None:
    with V4L2Camera(SETTINGS.model_copy(update={"format": "NV21"})) as camera:
        assert camera.mode == "NV21 640x480 at 25 fps"
        camera.read(5.0)
    with pytest.raises(DeviceUnavailable, match=r"does not offer MJPG: set format to one of YUYV,"):
        V4L2Camera(SETTINGS.model_copy(update={"format": "MJPG"}))


def values(*names: str) -> list[int | None]:
    """What controls are at now."""
    with V4L2Node(vivid.NODE) as node:
        known = {one.name: one.value for one in controls(node)}
    return [known[name] for name in names]


def test_controls_are_set_at_every_opening_with_what_is_automatic_first() -> None:
    wishes = {"gain": 33, "brightness": 200, "menu": "Menu Item 4", "integer_menu": 21}
    wishes |= {"integer_64_bits": -(1 << 40), "bitmask": 0x80002000, "mute": True}
    settings = SETTINGS.model_copy(update={"controls": wishes})
    names = ("gain_automatic", "gain", *tuple(wishes)[1:])
    for _ in range(2):
        vivid.control("Gain, Automatic", 1)
        vivid.control("Brightness", 10)
        with V4L2Camera(settings) as camera:
            assert camera.faults == ()
            camera.read(5.0)
            assert values(*names) == [0, 33, 200, 4, 7, -(1 << 40), 0x80002000, 1]


def test_controls_that_cannot_be_set_are_told_and_frames_come() -> None:
    wishes = {"brightness": 256, "exposure": "auto", "menu": "Menu Item 2", "contrast": 5}
    with V4L2Camera(SETTINGS.model_copy(update={"controls": wishes})) as camera:
        assert camera.faults == (
            "controls.brightness = 256: it takes 0 to 255",
            'controls.exposure = "auto": this camera has no automatic exposure',
            'controls.menu = "Menu Item 2": it takes "Menu Item 1", "Menu Item 3", "Menu Item 4"',
        )
        camera.read(5.0)
    assert values("contrast") == [5]


def test_it_is_listed_and_found_by_its_name() -> None:
    (listed,) = cameras()
    assert (listed.node, listed.name) == (vivid.NODE, "vivid")
    assert {*COLOURED, "GREY"} <= set(listed.formats)
    with V4L2Camera(SETTINGS.model_copy(update={"source": "name:vivid"})) as camera:
        camera.read(5.0)


def test_a_camera_in_use_is_unavailable_with_a_word_of_what_to_do() -> None:
    with (
        V4L2Camera(SETTINGS),
        pytest.raises(DeviceUnavailable, match="in use by another program"),
        V4L2Camera(SETTINGS),
    ):
        pass


def test_a_stamp_in_the_future_is_not_believed_but_one_of_the_past_is() -> None:
    with V4L2Camera(SETTINGS) as camera:
        for _ in range(10):
            frame = camera.read(5.0)
            assert frame.captured_s <= time.monotonic()
    vivid.control("Timestamp Source", 1)
    with V4L2Camera(SETTINGS) as camera:
        camera.read(5.0)
        Event().wait(0.3)
        assert 0.05 < time.monotonic() - camera.read(5.0).captured_s < 1.0
    vivid.control("Timestamp Source", 0)


def test_frames_that_the_driver_drops_are_counted_as_gaps() -> None:
    vivid.control("Percentage of Dropped Buffers", 40)
    with V4L2Camera(SETTINGS, first_seq=100) as camera:
        numbers = [camera.read(5.0).seq for _ in range(40)]
    vivid.control("Percentage of Dropped Buffers", 0)
    assert camera.losses["driver_dropped"] > 5
    assert numbers[-1] - 100 + 1 == len(numbers) + sum(camera.losses.values())


def test_a_reader_that_was_away_gets_the_newest_frame() -> None:
    with V4L2Camera(SETTINGS) as camera:
        camera.read(5.0)
        Event().wait(0.5)
        camera.read(5.0)
        assert camera.losses["stale"] >= 2


def test_a_buffer_that_the_driver_marks_as_wrong_is_damaged() -> None:
    with V4L2Camera(SETTINGS) as camera:
        camera.read(5.0)
        vivid.control("Inject V4L2_BUF_FLAG_ERROR")
        for _ in range(10):
            camera.read(5.0)
        assert camera.losses["damaged"] == 1


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("fault", ["Inject Fatal Streaming Error", "Disconnect"])
def test_a_fault_of_the_driver_loses_the_camera_at_once(fault: str) -> None:
    with V4L2Camera(SETTINGS) as camera:
        camera.read(5.0)
        vivid.control(fault)
        assert seconds_until_lost(camera) < 2


@pytest.mark.usefixtures("restored")
def test_an_unbound_camera_is_lost_then_absent_then_back() -> None:
    with V4L2Camera(SETTINGS) as camera:
        camera.read(5.0)
        vivid.unbind()
        assert seconds_until_lost(camera) < 2
    with pytest.raises(DeviceUnavailable, match="is not there: plug it in"):
        V4L2Camera(SETTINGS)
    vivid.bind()
    Event().wait(0.5)
    with V4L2Camera(SETTINGS, first_seq=7) as camera:
        assert camera.read(5.0).seq >= 7
    vivid.unbind()
    vivid.bind()
