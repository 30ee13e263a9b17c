"""What detectors have in common after their networks: numbers are checked, the best boxes kept."""

import math

import numpy as np
import pytest

from models.box import Box
from models.detectors.candidates import Candidates, numbers, probabilities
from models.errors import ModelError

FACE = (10.0, 20.0, 30.0, 60.0)


def candidates(*rows: tuple[float, ...]) -> Candidates:
    """Each row: x1, y1, x2, y2, score."""
    table = np.array(rows, np.float64).reshape(-1, 5)
    return Candidates(table[:, :4], table[:, 4])


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_one_number_that_is_none_spoils_the_answer(wrong: float) -> None:
    values = np.array([[0.25, 0.5], [0.75, wrong]], np.float32)
    with pytest.raises(ModelError, match="make no sense"):
        numbers(values)
    with pytest.raises(ModelError, match="make no sense"):
        probabilities(values)


@pytest.mark.parametrize("wrong", [-0.1, 1.1, 1e30])
def test_a_score_that_is_no_probability_spoils_the_answer(wrong: float) -> None:
    with pytest.raises(ModelError, match="make no sense"):
        probabilities(np.array([0.5, wrong], np.float32))


def test_scores_that_a_runtime_rounded_out_of_their_range_are_brought_back() -> None:
    assert probabilities(np.array([-0.001, 0.5, 1.001], np.float32)).tolist() == [0, 0.5, 1]


@pytest.mark.parametrize(
    "corners", [(5, 5, 5, 9), (5, 5, 4, 9), (5, 9, 9, 5), (0, 0, math.inf, 9), (math.nan, 0, 1, 1)]
)
def test_a_face_of_no_size_or_an_infinite_one_spoils_the_answer(
    corners: tuple[float, float, float, float],
) -> None:
    with pytest.raises(ModelError, match="no size or an infinite one"):
        candidates((*FACE, 0.9), (*corners, 0.9))


def test_the_best_of_those_that_overlap_stays_and_the_best_comes_first() -> None:
    beside = (100.0, 20.0, 120.0, 60.0)
    found = candidates((11, 20, 31, 60, 0.7), (*beside, 0.95), (*FACE, 0.8)).boxes((1, 1))
    assert found == [Box(*beside, 0.95), Box(*FACE, 0.8)]


def test_boxes_are_brought_from_where_the_picture_lay_to_its_own_size() -> None:
    [box] = candidates((*FACE, 0.5)).boxes((2, 3), left=4, top=10)
    assert box == Box(12, 30, 52, 150, 0.5)


def test_no_candidate_is_no_face() -> None:
    assert candidates().boxes((1, 1)) == []
