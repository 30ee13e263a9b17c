"""How a picture is brought to the size and order that a network takes."""

import cv2
import numpy as np
import pytest

from models.detectors.picture import stretched


@pytest.mark.parametrize("rgb", [False, True])
@pytest.mark.parametrize("shape", [(1080, 1920), (300, 200), (32, 64), (1, 1)])
def test_a_network_is_given_what_opencv_would_give_it(shape: tuple[int, int], rgb: bool) -> None:
    image = np.random.default_rng(5).integers(0, 256, (*shape, 3), np.uint8)
    seen = stretched(image, 640, rgb)
    size = seen.tensor.shape[3], seen.tensor.shape[2]
    assert all(side % 32 == 0 for side in size)
    usual = cv2.dnn.blobFromImage(image, size=size, swapRB=rgb)
    np.testing.assert_array_equal(seen.tensor, usual)
    assert seen.tensor.dtype == np.float32


def test_a_part_of_a_picture_is_seen_as_a_picture_of_its_own() -> None:
    image = np.random.default_rng(6).integers(0, 256, (200, 300, 3), np.uint8)
    part = image[10:110, 20:220]
    np.testing.assert_array_equal(
        stretched(part, 640, False).tensor, stretched(part.copy(), 640, False).tensor
    )
