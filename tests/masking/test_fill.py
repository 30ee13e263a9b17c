"""What is covered is overwritten, what is not is untouched, whatever the boxes and the picture."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masking.fill import LEVEL, blank, fill
from masking.masker import Masker
from masking.settings import MaskingSettings
from models.box import Box
from tests.masking.stand_ins import finds, frame

far = st.floats(-300, 300, allow_nan=False)
extent = st.floats(0.01, 400, allow_nan=False)
boxes = st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h, 0.5), far, far, extent, extent)
sides = st.integers(1, 70)


def raw(height: int, width: int) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    """A picture in which no pixel has the colour of the cover."""
    values = np.arange(height * width * 3, dtype=np.uint32) % LEVEL
    return values.astype(np.uint8).reshape(height, width, 3)


def touches(box: Box, x: int, y: int) -> bool:
    """Whether the box reaches into the unit square of pixel (x, y)."""
    return box.x1 < x + 1 and box.x2 > x and box.y1 < y + 1 and box.y2 > y


@given(height=sides, width=sides, found=st.lists(boxes, max_size=4))
def test_exactly_the_pixels_that_a_box_touches_are_overwritten(
    height: int, width: int, found: list[Box]
) -> None:
    before, after = raw(height, width), raw(height, width)
    fill(after, found)
    for y in range(height):
        for x in range(width):
            expected = LEVEL if any(touches(box, x, y) for box in found) else before[y, x]
            assert (after[y, x] == expected).all()


@given(height=sides, width=sides, found=st.lists(boxes, max_size=4), grow=st.floats(1, 3))
def test_the_masker_covers_every_box_grown_and_nothing_else(
    height: int, width: int, found: list[Box], grow: float
) -> None:
    masker = Masker(finds(*found), MaskingSettings(grow=grow))
    masked = masker.mask_alone(frame(raw(height, width)))
    masker.close()

    assert masked.receipt.faces == tuple(found)
    covered = (masked.pixels == LEVEL).all(axis=2)
    grown = [box.grown(grow) for box in found]
    expected = [[any(touches(g, x, y) for g in grown) for x in range(width)] for y in range(height)]
    assert (covered == np.array(expected)).all()
    assert (masked.pixels[~covered] == raw(height, width)[~covered]).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (2161, 3841), (7001, 13)])
def test_pictures_of_any_shape_are_covered(shape: tuple[int, int]) -> None:
    height, width = shape
    pixels = raw(height, width)
    fill(pixels, [Box(-1, -1, width + 1, height + 1, 0.5)])
    assert (pixels == LEVEL).all()


def test_a_box_beside_the_picture_covers_nothing() -> None:
    pixels = raw(10, 10)
    for x, y in [(-5, 2), (12, 2), (2, -5), (2, 12), (-5, -5), (12, 12)]:
        fill(pixels, [Box(x, y, x + 3, y + 3, 0.5)])
    assert (pixels == raw(10, 10)).all()


def test_a_sliver_of_a_pixel_covers_the_whole_pixel() -> None:
    pixels = raw(3, 3)
    fill(pixels, [Box(0.999, 0.999, math.nextafter(1.0, 2.0), 1.5, 0.5)])
    assert (pixels[:2, :2] == LEVEL).all()
    assert not (pixels[2] == LEVEL).any()


def test_a_blank_holds_the_cover_and_nothing_else() -> None:
    assert blank(3, 5).shape == (3, 5, 3)
    assert (blank(3, 5) == LEVEL).all()
