"""How a picture is brought to the size and order that a network takes."""

from typing import get_args

import cv2
import numpy as np
import pytest

from models.backend import PlaneOrder
from models.detectors.picture import planes_of, stretched


@pytest.mark.parametrize("order", get_args(PlaneOrder))
@pytest.mark.parametrize("shape", [(1080, 1920), (300, 200), (32, 64), (1, 1)])
def test_a_network_is_given_what_opencv_would_give_it(
    shape: tuple[int, int], order: PlaneOrder
) -> None:
    image = np.random.default_rng(5).integers(0, 256, (*shape, 3), np.uint8)
    tensor = stretched(image, 640).tensor
    size = tensor.shape[2], tensor.shape[1]
    assert all(side % 32 == 0 for side in size)
    usual = cv2.dnn.blobFromImage(image, size=size, swapRB=order == "rgb")
    given = planes_of(tensor, order)
    np.testing.assert_array_equal(given, usual)
    assert (str(tensor.dtype), str(given.dtype)) == ("uint8", "float32")


def test_a_part_of_a_picture_is_seen_as_a_picture_of_its_own() -> None:
    image = np.random.default_rng(6).integers(0, 256, (200, 300, 3), np.uint8)
    part = image[10:110, 20:220]
    np.testing.assert_array_equal(stretched(part, 640).tensor, stretched(part.copy(), 640).tensor)
