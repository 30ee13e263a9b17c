"""What goes wrong with a program that feeds a camera, seen from the running service.

Such a camera is a v4l2loopback device: a node that is a camera only while somebody writes to it.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.hardware.inside.pictures import Image, footage, is_whole, pictures
from tests.hardware.inside.watched import Watched
from tests.hardware.inside.webcam import Producer

NODE = Path("/dev/video10")
WIDTH, HEIGHT, FPS = 320, 176, 6
CAMERA = {"name": "screen", "source": str(NODE), "width": WIDTH, "height": HEIGHT, "fps": FPS}


@pytest.fixture(scope="module")
def originals() -> list[Image]:
    return pictures(12, WIDTH, HEIGHT)


@pytest.fixture(scope="module")
def producer(
    originals: list[Image], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Producer]:
    film = footage(tmp_path_factory.mktemp("film") / "film.mjpg", originals)
    with Producer("--source", film, "--size", f"{WIDTH}x{HEIGHT}", "--fps", str(FPS), NODE) as one:
        yield one


@pytest.fixture(scope="module")
def running(producer: Producer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with Watched(tmp_path_factory.mktemp("loopback") / "service", CAMERA) as service:
        service.recovers("screen")
        yield service


@pytest.fixture
def service(
    running: Watched, producer: Producer, request: pytest.FixtureRequest
) -> Iterator[Watched]:
    """It is well before and after, whatever failed in between."""
    print(f"\n{request.node.name}")
    yield running
    for action in ("resume", "truncate 0", "corrupt 0"):
        producer.act(action)
    running.recovers("screen")


def test_a_producer_that_stalls_is_told_and_followed_when_it_goes_on(
    service: Watched, producer: Producer
) -> None:
    service.tells("screen", "stalled", "delivers no frames", partial(producer.act, "stall"))
    service.recovers("screen", partial(producer.act, "resume"))


def test_cut_and_overwritten_pictures_are_counted_while_the_good_ones_go_on(
    service: Watched, producer: Producer
) -> None:
    for fault in ("truncate", "corrupt"):
        service.loses("screen", "damaged", partial(producer.act, f"{fault} 0.3"))
        service.stays("screen", 2.0)
        producer.act(f"{fault} 0")


def test_a_producer_that_dies_is_told_and_followed_when_it_is_back(
    service: Watched, producer: Producer
) -> None:
    service.tells("screen", "stalled", "delivers no frames", partial(producer.act, "close"))
    service.recovers("screen", partial(producer.act, "open"))


def test_a_producer_that_is_away_for_long_is_waited_for(
    service: Watched, producer: Producer
) -> None:
    service.tells("screen", "stalled", "delivers no frames", partial(producer.act, "close"))
    service.tells("screen", "lost", "a program feeds it, start", lambda: None, late_s=12.0)
    service.recovers("screen", partial(producer.act, "open"), opened=1)


def test_in_the_end_the_books_are_right_and_nothing_damaged_was_passed_on(
    running: Watched, originals: list[Image]
) -> None:
    running.stop()
    damaged = running.audit()["screen"]["losses"]["damaged"]
    shown = [np.frombuffer(jpeg, np.uint8) for jpeg in running.pictures()]
    bad = [one for one in shown if not is_whole(image(one), originals)]
    print(f"  {len(shown)} pictures, {damaged} damaged ones refused, {len(bad)} not seen to be so")
    assert len(bad) <= damaged / 10, "an overwritten JPEG can be a valid one"


def image(jpeg: Image) -> Image:
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)
