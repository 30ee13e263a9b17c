"""Wall 6: a detector may break, hang or talk nonsense, and is outlived by its guard."""

import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from masking.guard import MAX_FACES, Failed, Found, Guard
from models.box import Box
from models.errors import ModelError
from tests.masking.stand_ins import FACE, Detector, Image, finds

IMAGE = np.zeros((8, 8, 3), np.uint8)
SHORT_S = 0.02


@contextmanager
def guard(detector: Detector, timeout_s: float = 5.0) -> Iterator[Guard]:
    watching = Guard(detector, timeout_s)
    try:
        yield watching
    finally:
        watching.close()


class Hangs:
    """Hangs in its first picture until it is released; answers all others."""

    def __init__(self) -> None:
        self.release = threading.Event()
        self.calls = 0

    def __call__(self, image: Image) -> list[Box]:
        self.calls += 1
        if self.calls == 1:
            self.release.wait(30)
        return [Box(0, 0, 1, 1, self.calls / 10)]


def test_an_answer_comes_through() -> None:
    with guard(finds(FACE)) as watching:
        assert watching.find(IMAGE) == Found((FACE,))


def test_finding_nothing_is_an_answer() -> None:
    with guard(finds()) as watching:
        assert watching.find(IMAGE) == Found(())


def raising(error: BaseException) -> Callable[[Image], list[Box]]:
    def detect(image: Image) -> list[Box]:
        raise error

    return detect


def test_the_sentence_of_a_model_error_is_kept() -> None:
    with guard(Detector(raising(ModelError("the network is gone")))) as watching:
        assert watching.find(IMAGE) == Failed("the network is gone")


def test_the_text_of_any_other_error_is_left_out_for_it_may_quote_pixels(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with guard(Detector(raising(IndexError("array([[213, 87]])")))) as watching:
        first, second = watching.find(IMAGE), watching.find(IMAGE)
    assert first == second == Failed("the face detector failed with IndexError")
    assert caplog.text.count("IndexError") == 1, "said once, not for every frame"
    assert "in detect" in caplog.text, "says where"
    assert "213" not in caplog.text


def bent(**corners: float) -> Box:
    """A box as a broken extension could make it, past its own checks."""
    box = Box(1, 2, 3, 4, 0.5)
    for name, value in corners.items():
        object.__setattr__(box, name, value)
    return box


@pytest.mark.parametrize(
    "answer",
    [
        None,
        7,
        "boxes",
        np.zeros((1, 5)),
        [None],
        [(1, 2, 3, 4, 0.5)],
        [bent(x1=float("nan"))],
        [bent(y2=float("inf"))],
        [bent(score=float("nan"))],
        [bent(x2=1e300)],
        [bent(x2=0)],
        [bent(x1="left")],  # type: ignore[arg-type]
        [FACE, bent(y1=float("-inf"))],
        [FACE] * (MAX_FACES + 1),
    ],
)
def test_nonsense_is_a_failure(answer: Any) -> None:
    with guard(Detector(lambda image: answer)) as watching:
        assert isinstance(watching.find(IMAGE), Failed)


def test_a_box_of_nan_cannot_even_be_made() -> None:
    with guard(Detector(lambda image: [Box(0, 0, float("nan"), 1, 0.5)])) as watching:
        assert watching.find(IMAGE) == Failed("the face detector failed with ValueError")


def test_boxes_hold_plain_numbers_whatever_the_detector_used() -> None:
    odd = Box(np.float32(1), np.float32(2), np.float32(3), np.float32(4), np.float32(0.5))  # type: ignore[arg-type]
    with guard(finds(odd)) as watching:
        answer = watching.find(IMAGE)
    assert isinstance(answer, Found)
    assert {type(value) for value in (answer.faces[0].x1, answer.faces[0].score)} == {float}


def test_a_detector_that_hangs_is_given_up_and_not_asked_again_until_it_returns() -> None:
    hangs = Hangs()
    with guard(Detector(hangs), SHORT_S) as watching:
        assert watching.find(IMAGE) == Failed("the face detector took longer than 0.02 s")
        for _ in range(100):
            refused = watching.find(IMAGE)
            assert refused == Failed("the face detector still hangs over an earlier frame")
        assert hangs.calls == 1, "nothing piles up"
        hangs.release.set()


def test_a_late_answer_is_never_taken_for_that_of_another_frame() -> None:
    hangs = Hangs()
    with guard(Detector(hangs), SHORT_S) as watching:
        watching.find(IMAGE)
        hangs.release.set()
        answers = (watching.find(IMAGE) for _ in range(1_000_000))
        first = next(answer for answer in answers if isinstance(answer, Found))
        assert first.faces[0].score == 0.2, "the answer of the second call"


def test_closing_does_not_wait_for_a_detector_that_hangs() -> None:
    hangs = Hangs()
    watching = Guard(Detector(hangs), SHORT_S)
    watching.find(IMAGE)
    watching.close()
    watching.close()
    assert watching.find(IMAGE) == Failed("the face detector is closed")
    assert hangs.calls == 1
    hangs.release.set()


def test_closing_ends_the_thread_and_may_be_done_twice() -> None:
    before = set(threading.enumerate())
    watching = Guard(finds(), 5.0)
    [thread] = set(threading.enumerate()) - before
    assert thread.daemon, "a detector that hangs must not keep the program alive"
    watching.close()
    watching.close()
    assert not thread.is_alive()


def test_threads_that_share_a_guard_each_get_the_answer_to_their_own_picture() -> None:
    def detect(image: Image) -> list[Box]:
        return [Box(0, 0, image.shape[0], 1, 0.5)]

    wrong: list[float] = []

    def ask(side: int) -> None:
        picture = np.zeros((side, 3, 3), np.uint8)
        for _ in range(200):
            answer = watching.find(picture)
            if not isinstance(answer, Found) or answer.faces[0].x2 != side:
                wrong.append(side)

    with guard(Detector(detect)) as watching:
        threads = [threading.Thread(target=ask, args=(side,)) for side in range(1, 6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not wrong


def test_a_raw_picture_is_let_go_as_soon_as_it_is_answered() -> None:
    gone = threading.Event()
    with guard(finds()) as watching:
        picture = np.zeros((8, 8, 3), np.uint8)
        weakref.finalize(picture, gone.set)
        watching.find(picture)
        del picture
        assert gone.wait(5)
