"""A person, cut out of a portrait, who walks through generated footage."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from devices.errors import DeviceUnavailable

OUTLINE = np.array(
    (
        (0.04, 1.00), (0.04, 0.80), (0.08, 0.57), (0.17, 0.44), (0.22, 0.39), (0.24, 0.33),
        (0.33, 0.29), (0.30, 0.21), (0.30, 0.12), (0.36, 0.05), (0.44, 0.03), (0.52, 0.04),
        (0.58, 0.10), (0.59, 0.19), (0.53, 0.29), (0.58, 0.36), (0.60, 0.46), (0.68, 0.52),
        (0.71, 0.60), (0.72, 0.68), (0.82, 0.67), (0.92, 0.71), (0.97, 0.83), (0.98, 1.00),
    )
)  # fmt: skip
"""Head and shoulders in NASA's astronaut portrait, (x, y) as shares of the picture."""
HEIGHT = 1.25
"""Height of the portrait in heights of the frame: its face is then about 30 % of the frame."""
TOP = 0.06
STEP = 0.012
STEPS = 9
"""How far the figure bobs, in heights of the frame, and how often on its way."""


class PasserBy:
    """A figure at the size in which it is seen."""

    __slots__ = ("_cover", "_figure", "_height", "_width")

    def __init__(self, portrait: Path, width: int, height: int) -> None:
        """width, height: of the frames, pixels. Raises DeviceUnavailable without a portrait."""
        picture = _read(portrait)
        tall = max(1, round(HEIGHT * height))
        wide = max(1, round(tall * picture.shape[1] / picture.shape[0]))
        shrinks = tall < picture.shape[0]
        how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
        self._figure = np.asarray(cv2.resize(picture, (wide, tall), interpolation=how), np.uint8)
        self._cover = _cut(tall, wide)
        self._width, self._height = width, height

    def walk(self, picture: NDArray[np.uint8], share: float) -> None:
        """Draws the figure on its way from the left of the frame (share 0) to the right (1)."""
        figure_width = self._figure.shape[1]
        left = round(-figure_width + share * (self._width + figure_width))
        bob = STEP * abs(np.sin(np.pi * STEPS * share))
        top = round((TOP + bob) * self._height)
        columns = slice(max(0, -left), min(figure_width, self._width - left))
        rows = slice(0, min(self._figure.shape[0], self._height - top))
        if columns.start >= columns.stop or rows.start >= rows.stop:
            return
        part = picture[top : top + rows.stop, left + columns.start : left + columns.stop]
        cover = self._cover[rows, columns]
        part[:] = cv2.blendLinear(self._figure[rows, columns], part, cover, 1 - cover)


def _read(portrait: Path) -> NDArray[np.uint8]:
    if not portrait.is_file():
        raise DeviceUnavailable(f"there is no portrait {portrait}: correct `portrait` or remove it")
    try:
        picture = cv2.imread(str(portrait), cv2.IMREAD_COLOR)
    except cv2.error:
        picture = None
    if picture is None:
        raise DeviceUnavailable(
            f"the portrait {portrait} is not a readable picture: give a PNG or JPEG"
        )
    return np.asarray(picture, np.uint8)


def _cut(height: int, width: int) -> NDArray[np.float32]:
    """1 inside the outline, 0 outside, with a soft edge."""
    inside = np.zeros((height, width), np.uint8)
    cv2.fillPoly(inside, [np.round(OUTLINE * (width, height)).astype(np.int32)], 255)
    edge = cv2.GaussianBlur(inside, (0, 0), max(0.008 * height, 0.5))
    return edge * np.float32(1 / 255)
