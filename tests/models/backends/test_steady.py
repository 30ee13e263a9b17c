"""A network whose inputs are pictures, mostly of few sizes, is compiled for each of those."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models.backend import Placement, PlaneOrder
from models.backends.openvino import FEW, OpenVINO
from models.errors import ModelError
from models.settings import RuntimeSettings
from tests.models.networks import colour_network, colour_scores


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


@pytest.mark.parametrize("steady", [False, True])
def test_a_network_answers_alike_at_few_sizes_and_at_many(tmp_path: Path, steady: bool) -> None:
    weights = colour_network(tmp_path / "n.onnx", gain=0.02)
    placement = Placement(threads=1, any_size=True, steady=steady, planes="bgr")
    network = OpenVINO(weights, placement, RuntimeSettings())
    for side in (*range(32, 32 * (FEW + 3), 32), 32, 64, 32 * (FEW + 2)):
        fed = picture(side)
        expected = colour_scores(fed[0], gain=0.02 * 255)
        np.testing.assert_allclose(network.run(fed)[0][0], expected, atol=1e-4)
    network.close()
    with pytest.raises(ModelError, match="closed"):
        network.run(picture(32))
