"""Which of several overlapping boxes stay."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.nms import AT_ONCE, best_of_overlapping

corner = st.floats(0, 100, allow_nan=False)
side = st.floats(1, 50, allow_nan=False)
box = st.builds(lambda x, y, w, h: (x, y, x + w, y + h), corner, corner, side, side)


def overlap(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0.0) * max(height, 0.0)
    areas = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return float(shared / (areas - shared))


def test_the_better_of_two_that_overlap_stays() -> None:
    corners = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [50, 50, 60, 60]], float)
    assert best_of_overlapping(corners, np.array([0.5, 0.9, 0.3]), 0.3) == [1, 2]


def test_an_overlap_of_just_the_limit_is_allowed() -> None:
    corners = np.array([[0, 0, 10, 10], [0, 5, 10, 15]], float)  # a third of the union is shared
    assert best_of_overlapping(corners, np.array([0.9, 0.8]), 1 / 3) == [0, 1]
    assert best_of_overlapping(corners, np.array([0.9, 0.8]), 0.33) == [0]


def test_no_boxes_give_no_boxes() -> None:
    assert best_of_overlapping(np.empty((0, 4)), np.empty(0), 0.3) == []


@given(st.lists(st.tuples(box, st.floats(0, 1)), min_size=1, max_size=12))
def test_each_box_that_goes_is_overlapped_by_a_better_one_that_stays(
    found: list[tuple[tuple[float, float, float, float], float]],
) -> None:
    corners = np.array([corners for corners, _ in found])
    scores = np.array([score for _, score in found])
    kept = best_of_overlapping(corners, scores, 0.3)

    assert list(scores[kept]) == sorted(scores[kept], reverse=True)
    for i in range(len(found)):
        rivals = [k for k in kept if k != i and overlap(corners[i], corners[k]) > 0.3]
        assert (i in kept) == (not [k for k in rivals if scores[k] >= scores[i]])


@pytest.mark.parametrize("count", [AT_ONCE - 1, AT_ONCE + 1, 4 * AT_ONCE])
def test_many_boxes_are_told_apart_as_one_after_another_would_be(count: int) -> None:
    random = np.random.default_rng(count)
    places = random.uniform(0, 300, (count, 2))
    corners = np.concatenate([places, places + random.uniform(5, 60, (count, 2))], axis=1)
    scores = random.uniform(0, 1, count)
    kept: list[int] = []
    for one in np.argsort(-scores).tolist():
        if all(overlap(corners[one], corners[better]) <= 0.3 for better in kept):
            kept.append(one)
    assert best_of_overlapping(corners, scores, 0.3) == kept
