"""A network whose inputs are of one size for long is compiled for that size, if it pays."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models.backend import Placement, PlaneOrder
from models.backends.openvino import OpenVINO
from models.backends.steady import Steady
from models.settings import RuntimeSettings
from tests.models.networks import colour_network, colour_scores

SMALL, LARGE = (1, 3, 32, 32), (1, 3, 64, 64)


def pays(steady: Steady, shape: tuple[int, ...], runs: int) -> list[int]:
    """With which of so many runs of a second it begins to pay."""
    return [run for run in range(1, runs + 1) if steady.pays(shape, 1.0)]


def test_it_pays_when_an_eighth_of_what_was_spent_is_the_price() -> None:
    assert pays(Steady(price_s=2.0), SMALL, runs=50) == [16]


def test_sizes_that_change_never_pay() -> None:
    steady = Steady(price_s=2.0)
    for _ in range(20):
        assert not pays(steady, SMALL, runs=15)
        assert not pays(steady, LARGE, runs=15)


def test_a_size_that_comes_to_stay_pays_after_another() -> None:
    steady = Steady(price_s=1.0)
    for shape in (SMALL, LARGE, SMALL):
        assert pays(steady, shape, runs=9) == [8]


def picture(side: int) -> NDArray[np.uint8]:
    """With more blue than green and more green than red."""
    levels = np.random.default_rng(side).integers(0, 64, (1, side, 2 * side, 3), np.uint8)
    return levels * np.array([4, 2, 1], np.uint8)


@pytest.mark.parametrize("order", ["bgr", "rgb"])
def test_a_network_makes_planes_of_the_picture_that_it_is_fed(
    tmp_path: Path, order: PlaneOrder
) -> None:
    weights = colour_network(tmp_path / "n.onnx", gain=0.02)
    network = OpenVINO(weights, Placement(any_size=True, planes=order), RuntimeSettings())
    assert (network.input.shape, network.input.dtype) == ((1, -1, -1, 3), "uint8")
    for side in (64, 32):
        fed = picture(side)
        seen = fed[0] if order == "bgr" else fed[0, :, :, ::-1]
        expected = colour_scores(seen, gain=0.02 * 255)
        np.testing.assert_allclose(network.run(fed)[0][0], expected, atol=1e-5)


def test_a_steady_network_answers_the_same_before_and_after_it_settles_and_at_other_sizes(
    tmp_path: Path,
) -> None:
    weights = colour_network(tmp_path / "n.onnx", gain=0.02)
    placement = Placement(threads=1, any_size=True, steady=True, planes="bgr")
    network = OpenVINO(weights, placement, RuntimeSettings())
    for side in (960, 1280, 960):
        fed = picture(side)
        expected = colour_scores(fed[0], gain=0.02 * 255)
        for _ in range(100):
            (scores,) = network.run(fed)
            np.testing.assert_allclose(scores[0], expected, atol=1e-4)
