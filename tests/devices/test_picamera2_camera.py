import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from threading import enumerate as threads
from typing import Any

import pytest

from devices.camera import Outspoken, Patient, open_camera
from devices.cameras.picamera2 import Picamera2Camera
from devices.errors import DeviceLost, DeviceUnavailable, NothingYet
from devices.settings import CameraSettings
from tests.checks_camera import check_camera

EDGE = Path(__file__).with_name("libcamera_edge")
WIDE, NARROW = "/base/soc/i2c0mux/i2c@1/imx708@1a", "/base/soc/i2c0mux/i2c@0/ov5647@36"


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A machine with picamera2 and two cameras."""
    monkeypatch.syspath_prepend(EDGE)
    import picamera2  # type: ignore[import-not-found]

    picamera2.SENSORS += [picamera2.Sensor(WIDE, "imx708"), picamera2.Sensor(NARROW, "ov5647")]
    yield picamera2
    del sys.modules["picamera2"]


def settings(source: str = "0", **more: object) -> CameraSettings:
    whole = {"name": "plot", "kind": "picamera2", "source": source, "fps": 100}
    size = {"width": 68, "height": 36}
    return CameraSettings.model_validate({**whole, **size, **more})


def opened(source: str = "0", **more: object) -> Picamera2Camera:
    camera = open_camera(settings(source, **more))
    assert isinstance(camera, Picamera2Camera)
    return camera


def refused(source: str = "0", **more: object) -> str:
    with pytest.raises(DeviceUnavailable) as refusal:
        opened(source, **more)
    return str(refusal.value)


def test_it_behaves_like_a_camera(library: Any) -> None:
    check_camera(lambda first: open_camera(settings(), first))
    assert library.SENSORS[0].held == 0
    assert not any(one.name == "picamera2" for one in threads())


def test_colours_are_blue_green_red_and_padding_is_cut_off(library: Any) -> None:
    with opened() as camera:
        frame = camera.read(1.0)
    assert (frame.width, frame.height) == (68, 36)
    assert (frame.pixels[..., :2] == (10, 20)).all()
    assert (frame.pixels[..., 2] == frame.pixels[0, 0, 2]).all()


def test_a_frame_is_as_old_as_its_sensor_says(library: Any) -> None:
    with opened() as camera:
        ages_s = [-camera.read(1.0).captured_s + time.monotonic() for _ in range(3)]
    assert all(0.005 <= age_s < 1 for age_s in ages_s)


def test_who_comes_late_gets_the_newest_and_the_camera_keeps_its_buffers(library: Any) -> None:
    with opened() as camera:
        first = camera.read(1.0)
        Event().wait(0.5)
        late = camera.read(1.0)
        assert late.seq - first.seq >= 6
        assert time.monotonic() - late.captured_s < 0.3
        assert camera.losses["stale"] >= 5
        assert camera.losses["driver_dropped"] == library.SENSORS[0].missed == 0
    assert library.SENSORS[0].held == 0


def test_a_newer_one_takes_the_place_of_the_one_that_is_held_and_is_read_without_waiting(
    library: Any,
) -> None:
    sensor = library.SENSORS[0]
    with opened() as camera:
        assert isinstance(camera, Patient)
        for _ in range(6):
            camera.hold(1.0)
        sensor.silent.set()
        while sensor.missed < 2:
            Event().wait(0.01)
        assert sensor.held == 1
        stale = camera.losses["stale"]
        assert stale >= 5
        assert camera.read(0).seq == stale
        with pytest.raises(NothingYet):
            camera.hold(0)
    assert sensor.held == 0


def test_frames_for_which_no_buffer_was_free_are_counted(library: Any) -> None:
    sensor = library.SENSORS[0]
    with opened() as camera:
        frames = [camera.read(1.0)]
        sensor.silent.set()
        while sensor.missed < 5:
            Event().wait(0.01)
        sensor.silent.clear()
        frames += [camera.read(1.0) for _ in range(2)]
        losses = camera.losses
    assert 5 <= losses["driver_dropped"] <= sensor.missed
    assert frames[-1].seq - frames[0].seq <= 2 + sum(losses.values())


def test_a_camera_that_falls_silent_is_lost_within_two_seconds_and_opens_again(
    library: Any,
) -> None:
    sensor = library.SENSORS[0]
    with opened() as camera:
        camera.read(1.0)
        sensor.silent.set()
        begin_s = time.monotonic()
        with pytest.raises(DeviceLost, match="sends no more frames"):
            read_on(camera)
        assert 1.4 < time.monotonic() - begin_s < 3
    sensor.silent.clear()
    with opened() as camera:
        camera.read(1.0)


def read_on(camera: Picamera2Camera) -> None:
    for _ in range(100):
        try:
            camera.read(0.05)
        except NothingYet:
            continue


def test_closing_ends_a_waiting_reader_and_gives_everything_back(library: Any) -> None:
    sensor = library.SENSORS[0]
    camera = opened()
    camera.read(1.0)
    Event().wait(0.03)
    camera.close()
    camera.close()
    with pytest.raises(DeviceLost, match="is closed"):
        camera.read(1.0)
    assert (sensor.held, sensor.busy) == (0, False)


@pytest.mark.parametrize(
    ("source", "model"),
    [("/dev/video0", "imx708"), ("1", "ov5647"), ("ov5647", "ov5647"), (WIDE, "imx708")],
)
def test_a_camera_is_chosen_by_number_model_or_id(library: Any, source: str, model: str) -> None:
    with opened(source) as camera:
        assert camera.mode == f"{model} 68x36 at 100 fps"


def test_a_camera_that_is_not_there_is_told_with_those_that_are(library: Any) -> None:
    assert "imx219 is not there; libcamera knows 0 imx708 (/base" in refused("imx219")
    library.SENSORS[1].model = "imx708"
    assert "imx708 is one of several: write a number or an id; libcamera" in refused("imx708")
    library.SENSORS.clear()
    assert refused().endswith("0 is not there; libcamera knows no camera")


def test_a_camera_in_use_is_told_with_the_reason_of_libcamera(library: Any) -> None:
    with opened():
        assert "cannot be opened (Failed to acquire camera: Device or resource busy)" in refused()
    opened().close()


def test_a_format_that_is_no_colours_is_refused_and_the_camera_given_back(library: Any) -> None:
    library.SENSORS[0].format = "MJPEG"
    assert 'gives MJPEG, no colours as read here: use kind = "v4l2"' in refused()
    assert not library.SENSORS[0].busy


def test_what_is_given_otherwise_than_asked_is_noted(library: Any) -> None:
    library.SENSORS[0].largest = (64, 32)
    with opened(fps=200) as camera:
        assert camera.mode == "imx708 64x32 at 120 fps"
        assert isinstance(camera, Outspoken)
        assert camera.notes == ("asked 68x36 at 200 fps, the camera gives 64x32 at 120 fps",)
        assert camera.read(1.0).width == 64
    library.SENSORS[0].largest = (4608, 2592)
    with opened() as camera:
        assert camera.notes == ()


def test_controls_are_set_before_the_first_frame_and_faults_are_told(library: Any) -> None:
    wishes = {"exposure": 100, "gain": "2.5", "white_balance": "auto", "Contrats": 1}
    with opened(controls=wishes) as camera:
        assert library.SENSORS[0].controls == {
            "AeEnable": False, "ExposureTime": 10_000, "AnalogueGain": 2.5, "AwbEnable": True,
            "FrameDurationLimits": (10_000, 10_000),
        }  # fmt: skip
        (fault,) = camera.faults
        assert "controls.Contrats = 1: this camera has no control Contrats: did you mean" in fault


def test_without_picamera2_it_says_how_to_get_it() -> None:
    assert "picamera2" not in sys.modules
    sentence = refused()
    assert "sudo apt install python3-picamera2" in sentence
    assert "--system-site-packages" in sentence
