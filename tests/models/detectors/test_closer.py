"""A detector that also looks at the picture enlarged."""

import numpy as np
import pytest
from numpy.typing import NDArray

from models.box import Box
from models.detectors.closer import LARGEST_FACE, OVERLAP, Closer
from models.prediction import ModelId

Image = NDArray[np.uint8]


class Spots:
    """Finds the bright squares of a picture that are within its sizes, pixels of what it sees."""

    id = ModelId("spots", "1", "0" * 64, "none")
    threshold = 0.2

    def __init__(self, side: int, smallest: int = 1, largest: int = 10_000) -> None:
        self.side, self.sizes = side, range(smallest, largest)
        self.shown: list[tuple[int, int]] = []

    def detect(self, image: Image) -> list[Box]:
        self.shown.append(image.shape[:2])
        if not (bright := image[..., 0] > 127).any():
            return []
        rows, columns = np.nonzero(bright.any(axis=1))[0], np.nonzero(bright.any(axis=0))[0]
        y1, y2, x1, x2 = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
        fits = min(y2 - y1, x2 - x1) in self.sizes
        return [Box(x1, y1, x2, y2, 0.5)] if fits else []


def picture(height: int, width: int, *spot: int) -> Image:
    pixels = np.zeros((height, width, 3), np.uint8)
    if spot:
        x, y, size = spot
        pixels[y : y + size, x : x + size] = 255
    return pixels


def corners(box: Box) -> tuple[float, ...]:
    return box.x1, box.y1, box.x2, box.y2


def test_a_face_too_small_for_the_detector_is_found_in_the_enlarged_picture() -> None:
    usual = Spots(400, smallest=16)
    image = picture(300, 400, 350, 200, 10)
    assert usual.detect(image) == []
    [found] = Closer(usual).detect(image)
    assert corners(found) == pytest.approx((350, 200, 360, 210), abs=1)


@pytest.mark.parametrize("at", range(120, 260, 7))
def test_a_face_is_found_wherever_the_tiles_meet(at: int) -> None:
    [found] = Closer(Spots(400, 16, 40)).detect(picture(400, 400, at, at // 2, 14))
    assert corners(found) == pytest.approx((at, at // 2, at + 14, at // 2 + 14), abs=1)


def test_what_is_large_counts_only_in_the_whole_picture() -> None:
    """A detector that takes large things for faces is not asked about them twice."""
    seen_enlarged_only = Spots(400, smallest=LARGEST_FACE + 20)
    assert Closer(seen_enlarged_only).detect(picture(300, 400, 50, 50, LARGEST_FACE)) == []


def test_a_face_that_is_seen_both_ways_is_found_once() -> None:
    assert len(Closer(Spots(400)).detect(picture(300, 400, 50, 50, 20))) == 1


@pytest.mark.parametrize("size", [(300, 400), (4000, 3000), (1, 1), (1, 700), (2000, 3)])
def test_it_sees_no_more_pixels_at_once_than_the_detector_does(size: tuple[int, int]) -> None:
    usual = Spots(400)
    Closer(usual).detect(picture(*size))
    assert usual.shown[0] == size
    assert 1 <= len(usual.shown[1:]) <= 5
    assert all(max(seen) <= 400 for seen in usual.shown[1:])


def test_a_face_that_is_seen_only_a_little_smaller_is_found_in_a_large_picture() -> None:
    near_fifteen = Spots(400, smallest=14, largest=17)
    [found] = Closer(near_fifteen).detect(picture(300, 400, 100, 80, 20))
    assert corners(found) == pytest.approx((100, 80, 120, 100), abs=2)
    near_24 = Spots(400, smallest=23, largest=26)
    assert Closer(near_24).detect(picture(200, 250, 100, 80, 20)) == [], "a small one is not"


def test_it_says_at_which_side_it_looks_and_is_else_the_detector() -> None:
    usual = Spots(400)
    closer = Closer(usual)
    assert closer.side == 800 - OVERLAP
    assert (closer.id, closer.threshold) == (usual.id, usual.threshold)
