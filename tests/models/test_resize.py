from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.resize import resized
from tests.models.places import data
from tests.models.reference import sized

ROUNDED = 0.501
"""Largest difference from the exact mean when no side grows."""


def stripes(across: int, down: int, phase: int = 0) -> NDArray[np.uint8]:
    """Black and white, 1080p: what tells an area mean from everything that resembles it."""
    rows, columns = np.indices((1080, 1920))
    white = ((columns + phase) // across + (rows + phase) // down) % 2
    return np.repeat((white * 255).astype(np.uint8)[..., np.newaxis], 3, axis=2)


def noise(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(height).integers(0, 256, (height, width, 3), np.uint8)


def away(image: NDArray[np.uint8], width: int, height: int) -> float:
    """How far the worst value is from the exact one."""
    made = resized(image, width, height)
    assert made.shape == (height, width, 3)
    return float(np.abs(made - sized(image, width, height)).max())


@pytest.mark.parametrize("size", [(224, 224), (299, 299)])
@pytest.mark.parametrize(
    ("across", "down", "phase"),
    [(1, 9999, 0), (9999, 1, 0), (2, 2, 1), (9, 5, 2)],
)
def test_no_pattern_in_a_full_hd_frame_is_further_away_than_a_rounding(
    size: tuple[int, int], across: int, down: int, phase: int
) -> None:
    assert away(stripes(across, down, phase), *size) <= ROUNDED


@pytest.mark.parametrize(
    ("height", "width", "new"),
    [
        (1080, 1920, (224, 224)),
        (1079, 1913, (225, 127)),
        (720, 1280, (640, 360)),
        (720, 1280, (224, 720)),
        (480, 640, (640, 97)),
        (500, 3, (1, 7)),
        (5, 700, (13, 5)),
    ],
)
def test_frames_of_any_size_are_no_further_away_than_a_rounding(
    height: int, width: int, new: tuple[int, int]
) -> None:
    assert away(noise(height, width), min(new[0], width), min(new[1], height)) <= ROUNDED


def photographs() -> Iterator[NDArray[np.uint8]]:
    """A few of each kind."""
    for folder in ("images", "faces/images", "grocery/images"):
        files = sorted(path for path in data(folder).iterdir() if path.is_file())
        for path in islice(files, 2):
            yield np.asarray(cv2.imread(str(path)), np.uint8)


def test_photographs_are_no_further_away_than_a_rounding() -> None:
    assert max(away(photograph, 96, 96) for photograph in photographs()) <= ROUNDED


def test_a_part_of_a_read_only_frame_is_taken_as_it_lies() -> None:
    frame = noise(400, 600)
    frame.setflags(write=False)
    part = frame[7:331, 11:502]
    assert not part.flags.c_contiguous
    np.testing.assert_array_equal(resized(part, 96, 80), resized(part.copy(), 96, 80))


def test_a_picture_that_has_the_size_is_not_copied() -> None:
    image = noise(6, 8)
    assert resized(image, 8, 6) is image


@pytest.mark.parametrize("allowed", [False, True])
def test_what_opencv_may_do_elsewhere_in_this_thread_is_left_as_it_was(allowed: bool) -> None:
    before = cv2.ipp.useIPP_NotExact()
    cv2.ipp.setUseIPP_NotExact(allowed)
    try:
        inside = cv2.ipp.useIPP_NotExact()
        resized(noise(30, 40), 8, 6)
        assert cv2.ipp.useIPP_NotExact() == inside
        with pytest.raises(cv2.error):
            resized(np.zeros((0, 5, 3), np.uint8), 3, 0)
        assert cv2.ipp.useIPP_NotExact() == inside
    finally:
        cv2.ipp.setUseIPP_NotExact(before)


def test_what_opencv_may_do_is_said_of_one_thread_not_of_all() -> None:
    before = cv2.ipp.useIPP_NotExact()
    cv2.ipp.setUseIPP_NotExact(not before)
    try:
        with ThreadPoolExecutor(1) as other:
            assert other.submit(cv2.ipp.useIPP_NotExact).result() == before
    finally:
        cv2.ipp.setUseIPP_NotExact(before)
