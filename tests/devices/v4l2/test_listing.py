from pathlib import Path

from devices.v4l2.choice import Offer, Rates, Steps
from devices.v4l2.controls import Control
from devices.v4l2.finding import CameraNode
from devices.v4l2.listing import lines, listing, who


def offer(code: str, width: int, height: int, *fps: float) -> Offer:
    rates = tuple(Rates(one, one) for one in fps)
    return Offer(code, Steps(width, width), Steps(height, height), rates)


def test_a_camera_is_told_with_where_it_is_and_its_serial_number() -> None:
    camera = CameraNode("/dev/video0", "Webcam", "usb-1.2", serial="8F2A")
    assert who(camera) == "Webcam (usb-1.2, serial 8F2A)"
    assert who(CameraNode("/dev/video0", "Webcam")) == "Webcam"


def test_sizes_are_told_from_the_largest_and_once_for_formats_that_share_them() -> None:
    offers = (
        offer("YUYV", 640, 480, 30, 15),
        offer("YUYV", 1280, 720, 10),
        offer("MJPG", 1280, 720, 29.97),
        offer("NV12", 640, 480, 30),
        offer("NV12", 1280, 720, 10),
        offer("H264", 1920, 1080, 30),
    )
    assert list(lines(CameraNode("/dev/video0", "Webcam", offers=offers))) == [
        "YUYV, NV12: 1280x720 to 10 fps, 640x480 to 30 fps",
        "MJPG: 1280x720 to 29.97 fps",
    ]


def test_a_range_of_sizes_and_an_unknown_rate_are_told_as_such() -> None:
    offers = (Offer("GREY", Steps(16, 4096, 2), Steps(480, 480)),)
    assert list(lines(CameraNode("/dev/video0", "x", offers=offers))) == ["GREY: (16 to 4096)x480"]


def test_links_and_controls_with_their_present_values_are_told() -> None:
    controls = (
        Control(1, "gain", 1, value=20),
        Control(2, "focus_automatic", 2, value=0),
        Control(3, "reset", 4),
    )
    link = "/dev/v4l/by-id/usb-Webcam-video-index0"
    camera = CameraNode("/dev/video0", "Webcam", links=(link,), controls=controls)
    assert list(lines(camera)) == [link, "controls: gain 20, focus_automatic 0"]


def test_of_a_camera_that_is_not_there_nothing_is_listed(tmp_path: Path) -> None:
    assert listing("serial:1", tmp_path, tmp_path) == ()
    assert listing("/dev/video99", tmp_path, tmp_path) == ()
