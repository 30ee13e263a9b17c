"""Brush strokes on a canvas of light: laying one patch over another, its shadow, smooth noise.

A canvas is float32, shape (height, width, 3), BGR, linear light with 1 as paper white.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Canvas = NDArray[np.float32]
Mask = NDArray[np.float32]
"""float32, shape (height, width): 0 lets everything through, 1 covers."""
Points = NDArray[np.floating]
"""Shape (n, 2): x to the right and y down, in pixels."""

Colour = tuple[float, float, float]
"""Linear BGR light."""


def light_of(red: int, green: int, blue: int) -> Colour:
    """The linear light of a colour as screens name it, 0-255."""
    return (blue / 255) ** 2, (green / 255) ** 2, (red / 255) ** 2


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Between two colours; share 0 is the first, 1 the second."""
    blue, green, red = (a + (b - a) * share for a, b in zip(first, second, strict=True))
    return blue, green, red


def scaled(colour: Colour, factor: float) -> Colour:
    """The same colour in more or less light."""
    return colour[0] * factor, colour[1] * factor, colour[2] * factor


class Sketch:
    """A small drawing with smooth edges, to be laid on a canvas.

    Smooth edges are something that OpenCV draws on 8-bit pictures only.
    """

    __slots__ = ("_colours", "_cover")

    _SUBPIXEL_BITS = 4

    def __init__(self, height: int, width: int, ground: Colour) -> None:
        self._colours = np.full((height, width, 3), _screen(ground), np.uint8)
        self._cover = np.zeros((height, width), np.uint8)

    def fill(self, outline: Points, colour: Colour) -> None:
        """Fills the outline."""
        dots, bits = [self._dots(outline)], self._SUBPIXEL_BITS
        cv2.fillPoly(self._colours, dots, _screen(colour), cv2.LINE_AA, bits)
        cv2.fillPoly(self._cover, dots, 255, cv2.LINE_AA, bits)

    def line(self, points: Points, colour: Colour, thickness: float = 1) -> None:
        """Draws a line through the points."""
        dots, bits = [self._dots(points)], self._SUBPIXEL_BITS
        wide = max(1, round(thickness))
        cv2.polylines(self._colours, dots, False, _screen(colour), wide, cv2.LINE_AA, bits)
        cv2.polylines(self._cover, dots, False, 255, wide, cv2.LINE_AA, bits)

    @property
    def patch(self) -> Canvas:
        """The colours, as light."""
        return np.square(self._colours, dtype=np.float32) * np.float32(1 / 255**2)

    @property
    def cover(self) -> Mask:
        """Where something was drawn."""
        return self._cover * np.float32(1 / 255)

    def _dots(self, points: Points) -> NDArray[np.int32]:
        return np.round(points * (1 << self._SUBPIXEL_BITS)).astype(np.int32)


def blend(canvas: Canvas, patch: Canvas, mask: Mask, left: int, top: int) -> None:
    """Lays the patch on the canvas; what stands over the edge is cut off."""
    part, window = _overlap(canvas, mask, left, top)
    part += (patch[window] - part) * mask[window][..., None]


def shade(canvas: Canvas, mask: Mask, left: int, top: int, strength: float) -> None:
    """Takes light away under the mask: strength 1 leaves none where the mask is 1."""
    part, window = _overlap(canvas, mask, left, top)
    part *= 1 - strength * mask[window][..., None]


def soft(mask: Mask, sigma: float) -> Mask:
    """The mask out of focus, sigma in pixels; done small, so a wide blur costs no more."""
    factor = max(1, int(sigma / 2))
    height, width = mask.shape
    size = max(1, width // factor), max(1, height // factor)
    small = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small, (0, 0), max(sigma / factor, 0.1))
    return np.asarray(cv2.resize(blurred, (width, height)), np.float32)


def cloud(rng: np.random.Generator, height: int, width: int, cells: int) -> Mask:
    """Smooth noise, about -1 to 1, with `cells` lumps along the longer side."""
    longer = max(height, width)
    grid = max(2, cells * height // longer + 1), max(2, cells * width // longer + 1)
    lumps = rng.uniform(-1, 1, grid).astype(np.float32)
    return np.asarray(cv2.resize(lumps, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def _screen(colour: Colour) -> tuple[int, int, int]:
    blue, green, red = (min(255, round(255 * max(light, 0.0) ** 0.5)) for light in colour)
    return blue, green, red


def _overlap(canvas: Canvas, mask: Mask, left: int, top: int) -> tuple[Canvas, tuple[slice, slice]]:
    """The part of the canvas that the mask covers, and that part of the mask."""
    y0, x0 = max(0, top), max(0, left)
    y1 = max(y0, min(canvas.shape[0], top + mask.shape[0]))
    x1 = max(x0, min(canvas.shape[1], left + mask.shape[1]))
    return canvas[y0:y1, x0:x1], (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
