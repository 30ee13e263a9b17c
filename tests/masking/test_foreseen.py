"""A detector that looks ahead at several frames at once."""

from collections.abc import Callable
from contextlib import closing
from threading import Barrier, Event

import pytest

from devices.frame import Frame
from masking.foreseen import Foreseen
from models.box import Box
from models.errors import ModelError
from tests.masking.stand_ins import ID, Detector, Image, frame

LIMIT_S = 10
MOST = 20


def foreseen(answer: Callable[[Image], list[Box]], count: int = 2) -> Foreseen:
    return Foreseen([Detector(answer) for _ in range(count)], MOST)


def first_pixel(image: Image) -> list[Box]:
    """A box as wide as the first value of the picture."""
    return [Box(0, 0, float(image[0, 0, 0]) + 1, 1, 0.5)]


def frames(count: int) -> list[Frame]:
    return [frame(seq=number) for number in range(count)]


def test_each_frame_gets_its_own_answer_in_any_order_of_looks() -> None:
    shots = frames(8)
    with closing(foreseen(first_pixel, 3)) as detector:
        for shot in shots:
            detector.foresee(shot)
        for shot in shots:
            assert detector.detect(shot.pixels) == first_pixel(shot.pixels)


def test_as_many_are_looked_at_at_once_as_there_are_detectors() -> None:
    meeting = Barrier(3)

    def meet(image: Image) -> list[Box]:
        meeting.wait(LIMIT_S)
        return []

    shots = frames(3)
    with closing(foreseen(meet, 3)) as detector:
        for shot in shots:
            detector.foresee(shot)
        assert [detector.detect(shot.pixels) for shot in shots] == [[], [], []]


def test_each_detector_looks_at_one_frame_at_a_time() -> None:
    busy = Event()

    def alone(image: Image) -> list[Box]:
        assert not busy.is_set()
        busy.set()
        first_pixel(image)
        busy.clear()
        return []

    shots = frames(20)
    with closing(foreseen(alone, 1)) as detector:
        for shot in shots:
            detector.foresee(shot)
        for shot in shots:
            detector.detect(shot.pixels)


def test_a_frame_that_was_not_foreseen_is_looked_at_when_it_is_asked_for() -> None:
    known, other = frames(2)
    with closing(foreseen(first_pixel)) as detector:
        detector.foresee(known)
        assert detector.detect(other.pixels) == first_pixel(other.pixels)
        assert detector.detect(known.pixels) == first_pixel(known.pixels)


def test_frames_may_be_left_out() -> None:
    shots = frames(4)
    with closing(foreseen(first_pixel)) as detector:
        for shot in shots:
            detector.foresee(shot)
        assert detector.detect(shots[3].pixels) == first_pixel(shots[3].pixels)


def test_frames_that_nobody_asks_for_are_forgotten() -> None:
    looked = []

    def looks(image: Image) -> list[Box]:
        looked.append(image)
        return []

    shots = frames(MOST + 1)
    with closing(foreseen(looks)) as detector:
        for shot in shots:
            detector.foresee(shot)
        detector.detect(shots[0].pixels)
    assert len([image for image in looked if image is shots[0].pixels]) == 2


def test_a_look_that_fails_is_raised_for_its_own_frame_only() -> None:
    shots = frames(2)

    def fails(image: Image) -> list[Box]:
        if image is shots[0].pixels:
            raise ModelError("broken")
        return []

    with closing(foreseen(fails)) as detector:
        for shot in shots:
            detector.foresee(shot)
        with pytest.raises(ModelError, match="broken"):
            detector.detect(shots[0].pixels)
        assert detector.detect(shots[1].pixels) == []


def test_it_is_named_as_its_detectors_are() -> None:
    with closing(foreseen(first_pixel)) as detector:
        assert (detector.id, detector.threshold, detector.side) == (ID, 0.2, 640)
    detector.close()
