"""What "auto" takes, on machines whose costs are made up, or were measured."""

import itertools
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.detectors.budget import (
    RECALLS,
    ROUGHLY,
    Choice,
    Sight,
    choose,
    recall_at,
    sights_of,
)
from models.faces import DetectorName

YUNET = sights_of("yunet-n")
OPENVINO = {512: 3.8, 576: 4.5, 640: 5.4, 704: 7.0, 768: 8.4, 832: 9.3, 960: 11.4, 1280: 19.9}
ONNXRUNTIME = {512: 5.9, 576: 7.6, 640: 8.6, 704: 10.1, 768: 11.5, 832: 13.1, 960: 15.7, 1280: 28.8}
OPENCV = {512: 8.9, 576: 12.4, 640: 15.0, 704: 17.6, 768: 21.2, 832: 25.4, 960: 32.4, 1280: 60.2}
"""Of YuNet-n, as `python -m benchmarks.faces` measured them."""
EVERY = (1, 2, 3)


class Machine:
    """What frames cost by the side at which they are seen. tried: what was measured."""

    def __init__(self, costs: Mapping[int, float]) -> None:
        self._costs = costs
        self.tried: list[tuple[int, int]] = []

    def measure(self, sight: Sight, every: int) -> float:
        self.tried.append((sight.side, every))
        return self._costs[sight.side] / every


def taken(choice: Choice) -> tuple[int, int]:
    return choice.sight.side, choice.every


@pytest.mark.parametrize(
    ("costs", "budget_ms", "side", "every"),
    [
        (OPENVINO, 3, 640, 2),
        (OPENVINO, 5, 576, 1),
        (OPENVINO, 12, 960, 1),
        (OPENVINO, 30, 1280, 1),
        (ONNXRUNTIME, 5, 640, 2),
        (ONNXRUNTIME, 12, 768, 1),
        (ONNXRUNTIME, 30, 1280, 1),
        (OPENCV, 4, 512, 3),
        (OPENCV, 5, 512, 2),
        (OPENCV, 12, 512, 1),
        (OPENCV, 30, 832, 1),
    ],
)
def test_the_largest_that_fits_is_taken_and_frames_are_left_out_only_where_none_does(
    costs: Mapping[int, float], budget_ms: float, side: int, every: int
) -> None:
    machine = Machine(costs)
    choice = choose(YUNET, budget_ms, EVERY, machine.measure)
    assert taken(choice) == (side, every)
    assert choice.cost_ms == pytest.approx(costs[side] / every)
    assert len(set(machine.tried)) == len(machine.tried) <= 6


def test_where_nothing_fits_the_smallest_is_taken_as_rarely_as_allowed() -> None:
    machine = Machine({side: 50 * cost for side, cost in OPENCV.items()})
    choice = choose(YUNET, 12, EVERY, machine.measure)
    assert taken(choice) == (512, 3)
    assert choice.cost_ms == pytest.approx(50 * 8.9 / 3)


def test_without_look_ahead_no_frame_is_left_out() -> None:
    assert taken(choose(YUNET, 5, [1], Machine(OPENCV).measure)) == (512, 1)


def test_a_number_that_somebody_wrote_is_kept() -> None:
    assert taken(choose(YUNET, 12, [3], Machine(OPENCV).measure)) == (960, 3)


def test_a_size_that_somebody_wrote_is_kept() -> None:
    choice = choose(sights_of("yunet-n", 900), 12, EVERY, Machine({900: 20.0}).measure)
    assert taken(choice) == (900, 2)


@given(
    st.lists(st.floats(0.1, 100), min_size=8, max_size=8).map(sorted),
    st.floats(0.5, 50),
    st.integers(1, 4),
)
def test_no_order_of_trying_misses_the_best(
    costs: list[float], budget_ms: float, most: int
) -> None:
    by_side = dict(zip(sorted(RECALLS["yunet-n"]), costs, strict=True))
    found = choose(YUNET, budget_ms, range(1, most + 1), Machine(by_side).measure)
    fitting = [
        (number, -side)
        for number in range(1, most + 1)
        for side, cost_ms in by_side.items()
        if cost_ms / number <= budget_ms
    ]
    assert (found.every, -found.sight.side) == min(fitting, default=(most, -512))


def test_the_table_goes_from_the_best_down_to_none_that_is_nearly_blind() -> None:
    for recalls in RECALLS.values():
        assert list(recalls) == sorted(recalls, reverse=True)
        assert list(recalls.values()) == sorted(recalls.values(), reverse=True)
        assert min(recalls.values()) > 0.88


@pytest.mark.parametrize("name", RECALLS)
def test_no_step_between_sizes_is_so_large_that_a_guess_would_be_too_high(
    name: DetectorName,
) -> None:
    steps = itertools.pairwise(sorted(RECALLS[name]))
    assert all((larger / smaller) ** 2 * ROUGHLY <= 1 for smaller, larger in steps)


def test_what_is_found_between_two_sizes_is_what_the_smaller_one_finds() -> None:
    assert recall_at("yunet-n", 900) == RECALLS["yunet-n"][832]
    assert recall_at("yunet-n", 4096) == RECALLS["yunet-n"][1280]
    assert recall_at("yunet-n", 320) is None
    assert recall_at("blazeface", 640) is None
