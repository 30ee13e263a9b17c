"""What two detectors agree on."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masking.guard import Failed
from masking.pair import Pair, Seen, agreed
from masking.settings import MaskingSettings
from models.box import Box
from models.errors import ModelError
from tests.masking.stand_ins import Detector, Image, finds

IMAGE = np.zeros((100, 100, 3), np.uint8)
HERE, NEARLY, ELSEWHERE = (10, 10, 30, 34), (11, 9, 31, 33), (60, 60, 80, 84)


def box(corners: tuple[float, float, float, float], score: float) -> Box:
    return Box(*corners, score)


@contextmanager
def pair(first: Detector, second: Detector | None, enough: float = 1.0) -> Iterator[Pair]:
    both = Pair(first, second, ("again", "second"), enough, MaskingSettings())
    try:
        yield both
    finally:
        both.close()


def seen(first: Detector, second: Detector | None, enough: float = 1.0) -> Seen:
    with pair(first, second, enough) as both:
        answer = both.find(IMAGE)
    assert isinstance(answer, Seen)
    return answer


@pytest.mark.parametrize(("score", "counts"), [(0.2, False), (0.39, False), (0.4, True)])
def test_what_one_sees_alone_counts_from_twice_its_threshold_on(score: float, counts: bool) -> None:
    alone = finds(box(HERE, score))
    assert len(seen(alone, finds()).faces) == counts
    assert len(seen(finds(), alone).faces) == counts
    assert len(seen(alone, None).faces) == counts


def test_what_both_see_counts_from_their_thresholds_on() -> None:
    first, second = finds(box(HERE, 0.2)), finds(box(NEARLY, 0.2))
    assert len(seen(first, second).faces) == 1
    assert len(seen(first, finds(box(NEARLY, 0.15))).faces) == 0
    assert len(seen(first, finds(box(ELSEWHERE, 0.2))).faces) == 0


def test_a_detector_that_is_surer_makes_up_for_the_other() -> None:
    assert len(seen(finds(box(HERE, 0.31)), finds(box(NEARLY, 0.1))).faces) == 1


def test_more_can_be_asked_of_two_but_one_by_itself_is_asked_no_more() -> None:
    first, second = finds(box(HERE, 0.3)), finds(box(NEARLY, 0.2))
    assert len(seen(first, second, enough=1.25).faces) == 1
    assert len(seen(first, second, enough=1.3).faces) == 0
    assert len(seen(finds(box(HERE, 0.4)), None, enough=1.5).faces) == 1


def test_one_detector_does_not_agree_with_itself() -> None:
    twice = finds(box(HERE, 0.3), box(NEARLY, 0.3))
    assert seen(twice, finds()).faces == ()


def test_a_face_that_both_see_is_told_once_with_the_place_of_the_surer_one() -> None:
    both = seen(finds(box(HERE, 0.3)), finds(box(NEARLY, 0.5), box(ELSEWHERE, 0.9)))
    assert both.faces == (box(ELSEWHERE, 0.45), box(NEARLY, 0.4))
    assert [(look.role, look.found) for look in both.looks] == [("again", 1), ("second", 1)]


def test_scores_stay_scores_and_are_weighed_by_what_each_must_reach() -> None:
    found = [[box(HERE, 0.8)], [box(HERE, 0.5)]]
    [face] = agreed(found, alone=(0.4, 0.2), enough=1).faces
    assert face.score == pytest.approx((0.8 * 1 + 0.5 * 2) / 3)


def broken(image: Image) -> list[Box]:
    raise ModelError("the network is gone")


def test_when_one_fails_nothing_is_known() -> None:
    for first, second in ((Detector(broken), finds()), (finds(), Detector(broken))):
        with pair(first, second) as both:
            assert both.find(IMAGE) == Failed("the network is gone")


def test_of_a_crowd_each_face_that_both_see_is_told_once_and_no_other() -> None:
    places = [(30 * column, 40 * row) for column in range(15) for row in range(10)]
    crowd = [Box(x, y, x + 20, y + 24, 0.9 - n / 1000) for n, (x, y) in enumerate(places)]
    near = [Box(one.x1 + 1, one.y1, one.x2 + 1, one.y2, 0.3) for one in crowd]
    doubtful = [Box(one.x1, one.y1 + 500, one.x2, one.y2 + 500, 0.3) for one in crowd]
    found = agreed([crowd, [*near, *doubtful]], alone=(0.4, 0.4), enough=1)
    assert [(face.x1, face.y1) for face in found.faces] == places
    assert found.first == len(crowd)


def test_one_box_speaks_for_one_face_alone() -> None:
    left, between, right = ((x, 10, x + 20, 34) for x in (10, 18, 26))
    found = agreed([[box(left, 0.31), box(right, 0.3)], [box(between, 0.2)]], (0.4, 0.4), enough=1)
    assert [(face.x1, face.x2) for face in found.faces] == [(10, 30)]


CORNER, SIDE = st.floats(-100, 100), st.floats(1e-300, 100)


@st.composite
def boxes(draw: st.DrawFn) -> Sequence[Box]:
    def one() -> Box:
        x, y = draw(CORNER), draw(CORNER)
        right, below = max(x + draw(SIDE), np.nextafter(x, 1e9)), y + 1 + draw(SIDE)
        return Box(x, y, float(right), below, draw(st.floats(0, 1)))

    return [one() for _ in range(draw(st.integers(0, 6)))]


@given(boxes(), boxes())
def test_whoever_is_sure_enough_alone_is_always_heard(
    first: Sequence[Box], second: Sequence[Box]
) -> None:
    """What is covered touches every box that one of the two is sure of."""
    faces = agreed([first, second], alone=(0.4, 0.2), enough=1).faces
    for sure in [one for one in first if one.score >= 0.4] + [s for s in second if s.score >= 0.2]:
        assert any(_touch(sure, face) for face in faces)
    assert all(0 <= face.score <= 1 for face in faces)


def _touch(one: Box, other: Box) -> bool:
    across = min(one.x2, other.x2) - max(one.x1, other.x1)
    down = min(one.y2, other.y2) - max(one.y1, other.y1)
    return across > 0 and down > 0
