"""What a board's profile changes of a configuration, and what it leaves alone."""

from pathlib import Path
from typing import Any

import pytest

from devices.boards.board import Board
from devices.boards.profiles import Profile, profile_of
from vision_app import config
from vision_app.settings import Settings

PI = Board("raspberrypi", "Raspberry Pi 4 Model B", "raspberry-pi", "aarch64")
PI_4, PI_4_RIBBON = (profile_of(PI, ribbon) for ribbon in (False, True))
PC = profile_of(Board("LENOVO", "20XW", "pc", "x86_64"), ribbon=False)


def complete(raw: dict[str, Any], here: Profile) -> Settings:
    return config.complete(config.parse(raw, "a test"), Path("/srv"), {}, here)


def camera(said: dict[str, Any], here: Profile) -> tuple[str, str, int, int, float]:
    (one,) = complete({"camera": [{"name": "a"} | said]}, here).camera
    return one.kind, one.source, one.width, one.height, one.fps


@pytest.mark.parametrize(
    ("said", "is_now"),
    [
        ({}, ("picamera2", "0", 1280, 720, 15.0)),
        ({"fps": 5}, ("picamera2", "0", 1280, 720, 5.0)),
        ({"width": 640, "height": 480}, ("picamera2", "0", 640, 480, 15.0)),
        ({"kind": "v4l2"}, ("v4l2", "/dev/video0", 1280, 720, 15.0)),
        ({"source": "/dev/video2"}, ("v4l2", "/dev/video2", 1280, 720, 15.0)),
        ({"kind": "generated"}, ("generated", "/dev/video0", 1280, 720, 15.0)),
    ],
)
def test_only_what_nobody_wrote_comes_from_the_board(
    said: dict[str, Any], is_now: tuple[str, str, int, int, float]
) -> None:
    assert camera(said, PI_4_RIBBON) == is_now


def test_a_camera_that_is_not_the_boards_is_left_as_it_is() -> None:
    three = profile_of(Board("raspberrypi", "Raspberry Pi 3", "raspberry-pi", "aarch64"), True)
    stream = {"kind": "stream", "source": "rtsp://host/1"}
    assert camera(stream, three) == ("stream", "rtsp://host/1", 1280, 720, 15.0)
    assert camera({"kind": "generated"}, three)[2:] == (1280, 720, 15.0)
    assert camera({"kind": "v4l2"}, three)[2:] == (640, 480, 10.0)


def test_what_masking_may_cost_fits_the_board_unless_it_is_written() -> None:
    assert complete({}, PI_4).masking.budget_ms == 33.0
    assert complete({"masking": {"budget_ms": 12}}, PI_4).masking.budget_ms == 12.0
    assert complete({"masking": {"hold": 7}}, PI_4).masking.hold == 7


def test_on_a_pc_nothing_is_otherwise() -> None:
    said = {"camera": [{"name": "a"}, {"name": "b", "fps": 3}]}
    here = config.complete(config.parse(said, "a test"), Path("/srv"), {}, PC)
    assert [one.model_dump() for one in here.camera] == [
        one.model_dump() for one in config.parse(said, "a test").camera
    ]
    assert here.masking == Settings().masking


def test_rules_of_a_camera_outlive_the_profile() -> None:
    (one,) = complete({"camera": [{"name": "a", "keep": {"below": 0.2}}]}, PI_4_RIBBON).camera
    assert one.keep is not None
    assert one.keep.below == 0.2
