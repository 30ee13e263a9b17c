"""What goes wrong with USB webcams, seen from the running service: it says so, and goes on.

One service lives through all of it, on two webcams: "door", to which everything happens, and
"yard", which goes on as if nothing was.
"""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.hardware.inside.pictures import Image, footage, is_whole, pictures
from tests.hardware.inside.watched import SLOW, Watched
from tests.hardware.inside.webcam import Webcam

WIDTH, HEIGHT = 320, 176
SIZE = {"width": WIDTH, "height": HEIGHT}
CAMERAS = (
    {"name": "door", "source": "serial:1", "fps": 6, **SIZE},
    {"name": "yard", "source": "name:Yard camera: Yard camera", "fps": 3, **SIZE},
)
LASTING_S = 10.0
"""So long a picture must stand still, or show nothing, before that is told."""
ONE_FRAME_S = 1.0
"""At one frame a second, its second frame tells that it is slow."""

SPOILT_S = 3.0
SPOILT = {
    "empty": "driver_dropped",
    "error": "driver_dropped",
    "corrupt": "damaged",
    "truncate": "damaged",
}
"""How frames can be spoilt so that it is known, and as what they are counted then."""


@pytest.fixture(scope="module")
def originals() -> list[Image]:
    return pictures(12, WIDTH, HEIGHT)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("webcams")


@pytest.fixture(scope="module")
def door(originals: list[Image], folder: Path) -> Iterator[Webcam]:
    yield from webcam(folder, originals, "Door camera", "1", 0)


@pytest.fixture(scope="module")
def yard(originals: list[Image], folder: Path) -> Iterator[Webcam]:
    yield from webcam(folder, originals, "Yard camera", "2", 1)


def webcam(
    folder: Path, originals: list[Image], name: str, serial: str, port: int
) -> Iterator[Webcam]:
    film = footage(folder / f"{serial}.mjpg", originals)
    with Webcam(
        "--source", film, "--size", f"{WIDTH}x{HEIGHT}", "--format", "MJPG", "--fps", "6",
        "--fps", "3", "--product", name, "--serial", serial, "--port", str(port),
    ) as camera:  # fmt: skip
        yield camera


@pytest.fixture(scope="module")
def running(door: Webcam, yard: Webcam, folder: Path) -> Iterator[Watched]:
    with Watched(folder / "service", *CAMERAS) as service:
        service.recovers("door")
        yield service


@pytest.fixture
def service(running: Watched, door: Webcam, request: pytest.FixtureRequest) -> Iterator[Watched]:
    """Both cameras are well, before and after; the yard was so in between."""
    print(f"\n{request.node.name}")
    yard = running.published("yard"), running.camera("yard")["opened"]
    yield running
    if running.camera("door")["state"] != "live":
        door.act("unplug")
    for action in ("plug", "resume", "fps 6", "drop 0", *(f"{fault} 0" for fault in SPOILT)):
        door.act(action)
    running.recovers("door")
    assert running.published("yard") > yard[0]
    assert running.camera("yard")["opened"] == yard[1]


def test_unplugged_it_is_lost_and_back_when_it_is_plugged_in(
    service: Watched, door: Webcam
) -> None:
    service.tells("door", "lost", "was unplugged", partial(door.act, "unplug"))
    service.recovers("door", partial(door.act, "plug"), opened=1)


def test_under_another_number_it_is_found_by_its_serial_number(
    service: Watched, door: Webcam
) -> None:
    held = os.open(door.node, os.O_RDWR)
    service.tells("door", "lost", "was unplugged", partial(door.act, "unplug"))
    service.recovers("door", partial(door.act, "plug"), opened=1)
    assert not Path(door.node).exists()
    os.close(held)
    service.tells("door", "lost", "was unplugged", partial(door.act, "unplug"))
    service.recovers("door", partial(door.act, "plug"), opened=1)


def test_stalled_it_is_told_and_goes_on_when_frames_come_again(
    service: Watched, door: Webcam
) -> None:
    service.tells("door", "stalled", "delivers no frames", partial(door.act, "stall"))
    service.recovers("door", partial(door.act, "resume"))


def test_hanging_on_the_bus_it_is_told_and_back_when_it_is_plugged_in_again(
    service: Watched, door: Webcam
) -> None:
    service.tells("door", "stalled", "delivers no frames", partial(door.act, "halt"))
    service.tells("door", "lost", "was unplugged", partial(door.act, "unplug"))
    service.recovers("door", partial(door.act, "plug"), opened=1)


def test_hanging_for_long_it_is_opened_again_which_keeps_nobody_else_waiting(
    service: Watched, door: Webcam
) -> None:
    yard = service.published("yard")
    service.tells("door", "stalled", "delivers no frames", partial(door.act, "halt"))
    service.tells("door", "lost", "opening it again", lambda: None, late_s=10.0)
    assert service.published("yard") - yard > 15
    door.act("unplug")
    service.recovers("door", partial(door.act, "plug"), opened=1)


@pytest.mark.parametrize(("fault", "reason"), SPOILT.items())
def test_spoilt_frames_are_counted_while_the_good_ones_go_on(
    service: Watched, door: Webcam, fault: str, reason: str
) -> None:
    service.loses("door", reason, partial(door.act, f"{fault} 0.5"))
    service.stays("door", SPOILT_S)


def test_frames_that_it_leaves_out_and_a_broken_transfer_stop_nothing(
    service: Watched, door: Webcam
) -> None:
    opened = service.camera("door")["opened"]
    door.act("drop 0.3")
    door.act("epipe")
    service.stays("door", SPOILT_S)
    assert service.camera("door")["opened"] == opened


def test_slow_it_is_named_as_that_and_not_as_stalled(service: Watched, door: Webcam) -> None:
    service.tells("door", "live", SLOW, partial(door.act, "fps 1"), late_s=ONE_FRAME_S)
    service.stays("door", 5.0)


def test_frozen_and_covered_ones_are_told_once_it_lasts_and_over_at_once(
    running: Watched, door: Webcam, yard: Webcam, folder: Path
) -> None:
    black = footage(folder / "black.mjpg", [np.zeros((HEIGHT, WIDTH, 3), np.uint8)])
    yard.act(f"show {black}")
    running.tells("door", "frozen", "is frozen", partial(door.act, "freeze"), late_s=LASTING_S)
    running.tells("yard", "blank", "is dark", lambda: None)
    door.act("thaw")
    yard.act(f"show {folder / '2.mjpg'}")
    running.recovers("door")
    running.recovers("yard")


def test_in_the_end_the_books_are_right_and_nothing_damaged_was_passed_on(
    running: Watched, originals: list[Image]
) -> None:
    running.stop()
    cameras = running.audit()
    damaged = cameras["door"]["losses"]["damaged"]
    shown = [np.frombuffer(jpeg, np.uint8) for jpeg in running.pictures()]
    black = np.zeros_like(originals[0])
    bad = [one for one in shown if not is_whole(image(one), [*originals, black])]
    print(f"  {len(shown)} pictures, {damaged} damaged ones refused, {len(bad)} not seen to be so")
    assert len(bad) <= damaged / 10, "an overwritten JPEG can be a valid one"


def image(jpeg: Image) -> Image:
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)
