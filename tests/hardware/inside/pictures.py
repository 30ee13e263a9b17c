"""Test pictures in which every spot is another one, so that a wrong spot shows."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]

SIDE = 8
"""Each spot is so many pixels wide and high."""

ALIKE = 24
"""Spots of the same picture, encoded twice, are nearer than this; those of two pictures are not."""


def pictures(count: int, width: int, height: int, seed: int = 1) -> list[Image]:
    """So many pictures, no two of which have a spot in common."""
    random = np.random.default_rng(seed)
    spots = random.integers(0, 255, (count, height // SIDE, width // SIDE, 3), np.uint8)
    return [cv2.resize(one, (width, height)).astype(np.uint8) for one in spots]


def footage(path: Path, images: Sequence[Image]) -> Path:
    """Writes them one after the other as JPEGs, as cameras send them."""
    jpegs = [cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, 90))[1] for image in images]
    path.write_bytes(b"".join(jpeg.tobytes() for jpeg in jpegs))
    return path


def is_whole(picture: Image, originals: Sequence[Image]) -> bool:
    """Whether it is one of the originals in each of its spots."""
    return any(_farthest(picture, original) < ALIKE for original in originals)


def _farthest(picture: Image, original: Image) -> float:
    """By how much the most different spots of two pictures differ, on average."""
    if picture.shape != original.shape:
        return 255.0
    height, width = picture.shape[:2]
    apart = cv2.absdiff(picture, original)
    size = width // SIDE, height // SIDE
    return float(cv2.resize(apart, size, interpolation=cv2.INTER_AREA).max())
