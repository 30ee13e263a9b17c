"""What goes wrong in a camera's driver, seen from the running service: it says so, and goes on.

The driver is the kernel's own test camera, vivid, whose faults can be asked for.
"""

from collections.abc import Iterator
from functools import partial

import cv2
import numpy as np
import pytest

from tests.hardware.inside import vivid
from tests.hardware.inside.watched import Watched

CAMERA = {"name": "bench", "source": vivid.NODE, "width": 640, "height": 360, "fps": 15}
STAMPS = 200
"""Above this line the test picture has changing text; below, all of them are the same."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with Watched(tmp_path_factory.mktemp("vivid") / "service", CAMERA) as service:
        service.recovers("bench")
        yield service


@pytest.fixture
def service(running: Watched, request: pytest.FixtureRequest) -> Iterator[Watched]:
    """It is well before and after."""
    print(f"\n{request.node.name}")
    yield running
    running.recovers("bench")


def numbers(service: Watched) -> int:
    """How many frames the driver has numbered, as far as the books know."""
    return int(service.camera("bench")["captured"]) + service.lost("bench")


def test_dropped_buffers_are_counted(service: Watched) -> None:
    some = partial(vivid.control, "Percentage of Dropped Buffers", 40)
    service.loses("bench", "driver_dropped", some, count=3)
    service.stays("bench", 2.0)
    vivid.control("Percentage of Dropped Buffers", 0)


def test_a_buffer_that_is_marked_as_wrong_is_counted_and_nothing_else_happens(
    service: Watched,
) -> None:
    opened = service.camera("bench")["opened"]
    service.loses("bench", "damaged", partial(vivid.control, "Inject V4L2_BUF_FLAG_ERROR"))
    service.recovers("bench")
    assert service.camera("bench")["opened"] == opened


def test_a_refused_buffer_loses_it_for_a_moment(service: Watched) -> None:
    service.tells(
        "bench", "lost", "Invalid argument", partial(vivid.control, "Inject VIDIOC_QBUF Error")
    )
    service.recovers("bench", opened=1)


@pytest.mark.parametrize("call", ["REQBUFS", "STREAMON"])
def test_a_start_that_fails_is_told_and_tried_again(service: Watched, call: str) -> None:
    def lost_and_not_to_be_opened() -> None:
        vivid.control(f"Inject VIDIOC_{call} Error")
        vivid.control("Inject Fatal Streaming Error")

    service.tells("bench", "lost", "Invalid argument", lost_and_not_to_be_opened)
    service.recovers("bench", opened=1)


def test_a_fatal_error_of_the_stream_loses_it_and_numbers_that_wrap_lose_nothing(
    service: Watched,
) -> None:
    """The driver begins 128 numbers before the last of 32 bits."""
    vivid.control("Wrap Sequence Number")
    fatal = partial(vivid.control, "Inject Fatal Streaming Error")
    service.tells("bench", "lost", "input/output error", fatal)
    service.recovers("bench", opened=1)
    before = numbers(service)
    while numbers(service) - before < 140:
        service.stays("bench", 2.0)
    assert numbers(service) - before < 200
    vivid.control("Wrap Sequence Number", 0)


@pytest.mark.parametrize("fault", ["Disconnect", "unbind"])
def test_gone_it_is_lost_and_back_when_its_driver_finds_it_again(
    service: Watched, fault: str
) -> None:
    gone = vivid.unbind if fault == "unbind" else partial(vivid.control, fault)
    service.tells("bench", "lost", "was unplugged", gone)
    if fault != "unbind":
        vivid.unbind()
    service.recovers("bench", vivid.bind, opened=1)


def test_in_the_end_the_books_are_right_and_nothing_damaged_was_passed_on(
    running: Watched,
) -> None:
    running.stop()
    running.audit()
    shown = [lower_part(jpeg) for jpeg in running.pictures()]
    apart = max(int(cv2.absdiff(one, shown[0]).max()) for one in shown)
    print(f"  {len(shown)} pictures, {apart} of 255 apart at most")
    assert shown[0].std() > 40
    assert apart < 24


def lower_part(jpeg: bytes) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(picture, np.uint8)[STAMPS:]
