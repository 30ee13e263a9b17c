"""Covers rectangles of a picture with one colour, so that nothing below can be brought back."""

from collections.abc import Iterable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.box import Box

FillName = Literal["solid"]

LEVEL = 230
"""The cover in all three channels, whatever lies below. A light grey: detectors take covers of the
tone of skin for faces about twice as often, and the second look withholds such frames."""


def fill(pixels: NDArray[np.uint8], boxes: Iterable[Box], how: FillName = "solid") -> None:
    """Overwrites every pixel of (height, width, 3) that a box touches; boxes may reach beyond."""
    height, width = pixels.shape[:2]
    for box in boxes:
        x1, y1, x2, y2 = box.pixels(width, height)
        if x1 < x2 and y1 < y2:
            pixels[y1:y2, x1:x2] = LEVEL


def blank(height: int, width: int) -> NDArray[np.uint8]:
    """A picture (height, width, 3) that is covered wholly and was never anything else."""
    return np.full((height, width, 3), LEVEL, np.uint8)
