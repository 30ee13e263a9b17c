"""Covers rectangles of a picture, so that nothing below can be brought back."""

from collections.abc import Iterable
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from models.box import Box

FillName = Literal["solid", "pixelate", "blur"]

LEVEL = 230
"""The solid cover in all three channels, whatever lies below. A light grey: detectors take covers
of the tone of skin for faces about twice as often, and the second look withholds such frames."""

CELLS, TONES = 2, 4
"""The other fills leave so many mean colours along the longer side of a cover, and so many tones of
each channel: at most 24 bits of a cover, however large it is. Fewer would be one colour again; with
more, who holds the photograph finds it by the colours of a cover far more often than by its outline
(`python -m benchmarks.privacy --part fills`). Not configurable."""

Pixels = NDArray[np.uint8]
Rect = tuple[int, int, int, int]


def fill(pixels: Pixels, boxes: Iterable[Box], how: FillName = "solid") -> None:
    """Overwrites every pixel of (height, width, 3) that a box touches; boxes may reach beyond.

    how: solid (one colour, nothing of what was there), pixelate, or blur (the same few colours,
    flowing into each other).
    """
    height, width = pixels.shape[:2]
    rects = [box.pixels(width, height) for box in boxes]
    if how == "solid":
        for x1, y1, x2, y2 in rects:
            if x1 < x2 and y1 < y2:
                pixels[y1:y2, x1:x2] = LEVEL
    else:
        _veil(pixels, rects, cv2.INTER_NEAREST if how == "pixelate" else cv2.INTER_LINEAR)


def blank(height: int, width: int) -> Pixels:
    """A picture (height, width, 3) that is covered wholly and was never anything else."""
    return np.full((height, width, 3), LEVEL, np.uint8)


def _veil(pixels: Pixels, rects: Iterable[Rect], how: int) -> None:
    """Boxes that touch are one cover: many small ones would show a large face after all."""
    below = np.zeros(pixels.shape[:2], np.uint8)
    for x1, y1, x2, y2 in rects:
        below[y1 : max(y1, y2), x1 : max(x1, x2)] = 1
    count, numbers, places, _ = cv2.connectedComponentsWithStats(below)
    for number in range(1, count):
        x, y, width, height = places[number, :4]
        part = np.s_[y : y + height, x : x + width]
        cover = cv2.resize(_colours(pixels[part]), (width, height), interpolation=how)
        np.copyto(pixels[part], cover, where=(numbers[part] == number)[:, :, None])


def _colours(pixels: Pixels) -> Pixels:
    """What is left of a picture: at most CELLS by CELLS mean colours, each in a few tones."""
    height, width = pixels.shape[:2]
    cell = max(height, width) / CELLS
    size = max(1, round(width / cell)), max(1, round(height / cell))
    means = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    step = 256 // TONES
    return means // step * step + step // 2
