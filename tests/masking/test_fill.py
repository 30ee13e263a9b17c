"""What is covered is overwritten, what is not is untouched, whatever the boxes and the picture."""

import math
from itertools import product
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masking.fill import CELLS, LEVEL, TONES, FillName, blank, fill
from masking.masker import Masker
from masking.settings import MaskingSettings
from models.box import Box
from tests.masking.stand_ins import finds, frame

far = st.floats(-300, 300, allow_nan=False)
extent = st.floats(0.01, 400, allow_nan=False)
boxes = st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h, 0.5), far, far, extent, extent)
sides = st.integers(1, 70)
fills: st.SearchStrategy[FillName] = st.sampled_from(get_args(FillName))

Picture = np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]


def raw(height: int, width: int) -> Picture:
    """A picture in which no pixel has the colour of the cover."""
    values = np.arange(height * width * 3, dtype=np.uint32) % LEVEL
    return values.astype(np.uint8).reshape(height, width, 3)


def touches(box: Box, x: int, y: int) -> bool:
    """Whether the box reaches into the unit square of pixel (x, y)."""
    return box.x1 < x + 1 and box.x2 > x and box.y1 < y + 1 and box.y2 > y


def stark(height: int, width: int, seed: int = 0) -> Picture:
    """A picture of 0 and 255 only, which no fill leaves behind."""
    bits = np.random.default_rng(seed).integers(0, 2, (height, width, 3))
    return (bits * 255).astype(np.uint8)


@given(height=sides, width=sides, found=st.lists(boxes, max_size=4), how=fills)
def test_exactly_the_pixels_that_a_box_touches_are_overwritten(
    height: int, width: int, found: list[Box], how: FillName
) -> None:
    before, after = stark(height, width), stark(height, width)
    fill(after, found, how)
    for y, x in product(range(height), range(width)):
        if any(touches(box, x, y) for box in found):
            assert ((after[y, x] > 0) & (after[y, x] < 255)).all()
            assert how != "solid" or (after[y, x] == LEVEL).all()
        else:
            assert (after[y, x] == before[y, x]).all()


@given(width=sides, height=sides, how=st.sampled_from(["pixelate", "blur"]), seed=st.integers(0, 9))
def test_a_cover_shows_a_few_mean_colours_and_nothing_else(
    width: int, height: int, how: FillName, seed: int
) -> None:
    """However the pixels lie within a cell, and however large the face.

    Of 0 and 251, a prime beyond all sides, no mean lies halfway between two levels, where it would
    be rounded either way.
    """
    one = stark(height * CELLS, width * CELLS, seed) // 255 * 251
    other = one.copy()
    for row, column in product(range(CELLS), repeat=2):
        cell = np.s_[row * height : (row + 1) * height, column * width : (column + 1) * width]
        other[cell] = other[cell][::-1, ::-1]
    whole = Box(0, 0, width * CELLS, height * CELLS, 0.5)
    fill(one, [whole], how)
    fill(other, [whole], how)
    assert (one == other).all()


@given(found=st.lists(boxes, min_size=1, max_size=4), seed=st.integers(0, 9))
def test_a_pixelated_cover_has_no_more_colours_than_cells_and_few_tones(
    found: list[Box], seed: int
) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (64, 64, 3), np.uint8)
    before = pixels.copy()
    fill(pixels, found, "pixelate")
    covered = np.array(
        [[any(touches(b, x, y) for b in found) for x in range(64)] for y in range(64)]
    )
    assert len(np.unique(pixels[covered], axis=0)) <= CELLS**2 * len(found)
    assert len(np.unique(pixels[covered])) <= TONES
    assert (pixels[~covered] == before[~covered]).all()


@pytest.mark.parametrize("how", ["pixelate", "blur"])
def test_many_boxes_that_touch_show_no_more_than_one(how: FillName) -> None:
    """A large face that is found in pieces, each with colours of its own, would show."""
    pieces, once = stark(60, 60), stark(60, 60)
    corners = [(x, y) for x in range(10, 50, 5) for y in range(10, 50, 5)]
    fill(pieces, [Box(x, y, x + 5, y + 5, 0.5) for x, y in corners], how)
    fill(once, [Box(10, 10, 50, 50, 0.5)], how)
    assert (pieces == once).all()


def test_faces_apart_are_covered_each_in_its_own_colours() -> None:
    pixels = np.zeros((20, 50, 3), np.uint8)
    pixels[:, 25:] = 255
    fill(pixels, [Box(2, 2, 18, 18, 0.5), Box(30, 2, 46, 18, 0.5)], "pixelate")
    assert (pixels[2:18, 2:18] == 256 // TONES // 2).all()
    assert (pixels[2:18, 30:46] == 255 - 256 // TONES // 2 + 1).all()


def test_a_blurred_cover_has_no_edges_inside() -> None:
    pixels = np.zeros((80, 80, 3), np.uint8)
    pixels[:40] = 255
    fill(pixels, [Box(0, 0, 80, 80, 0.5)], "blur")
    steps = np.abs(np.diff(pixels.astype(np.int16), axis=0))
    assert 0 < steps.max() < 16


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


@pytest.mark.parametrize("how", get_args(FillName))
@pytest.mark.parametrize("shape", [(1, 1), (1, 70_000), (70_000, 1), (2161, 3841), (7001, 13)])
def test_pictures_of_any_shape_are_covered(shape: tuple[int, int], how: FillName) -> None:
    height, width = shape
    pixels = stark(height, width)
    fill(pixels, [Box(-1, -1, width + 1, height + 1, 0.5)], how)
    assert ((pixels > 0) & (pixels < 255)).all()


@pytest.mark.parametrize("how", get_args(FillName))
def test_nothing_found_changes_nothing(how: FillName) -> None:
    pixels = raw(10, 10)
    fill(pixels, [], how)
    assert (pixels == raw(10, 10)).all()


@pytest.mark.parametrize("how", get_args(FillName))
def test_a_box_beside_the_picture_covers_nothing(how: FillName) -> None:
    pixels = raw(10, 10)
    for x, y in [(-5, 2), (12, 2), (2, -5), (2, 12), (-5, -5), (12, 12)]:
        fill(pixels, [Box(x, y, x + 3, y + 3, 0.5)], how)
    assert (pixels == raw(10, 10)).all()


def test_a_sliver_of_a_pixel_covers_the_whole_pixel() -> None:
    pixels = raw(3, 3)
    fill(pixels, [Box(0.999, 0.999, math.nextafter(1.0, 2.0), 1.5, 0.5)])
    assert (pixels[:2, :2] == LEVEL).all()
    assert not (pixels[2] == LEVEL).any()


def test_a_blank_holds_the_cover_and_nothing_else() -> None:
    assert blank(3, 5).shape == (3, 5, 3)
    assert (blank(3, 5) == LEVEL).all()
