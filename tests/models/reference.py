"""Preprocessing written a second time, plainly and in float64, from the words of the manifest."""

import numpy as np
from numpy.typing import NDArray

from models.bundles.manifest import Input

Floats = NDArray[np.float64]


def reference(image: NDArray[np.uint8], rules: Input) -> Floats:
    """Pixels (height, width, 3) in the order of rules.color, not rounded, not yet looked up."""
    rows, columns = image.shape[:2]
    width, height = rules.width, rules.height
    if rules.resize == "stretch":
        pixels = sized(image, width, height)
    elif rules.resize == "center-crop":
        part_width = max(1, min(columns, rows * width // height))
        part_height = max(1, min(rows, columns * height // width))
        x, y = (columns - part_width) // 2, (rows - part_height) // 2
        pixels = sized(image[y : y + part_height, x : x + part_width], width, height)
    else:
        fit_width = max(1, min(width, columns * height // rows))
        fit_height = max(1, min(height, rows * width // columns))
        x, y = (width - fit_width) // 2, (height - fit_height) // 2
        assert rules.pad is not None
        border = rules.pad if rules.color == "bgr" else rules.pad[::-1]
        pixels = np.tile(np.array(border, np.float64), (height, width, 1))
        pixels[y : y + fit_height, x : x + fit_width] = sized(image, fit_width, fit_height)
    colored: Floats = pixels if rules.color == "bgr" else pixels[..., ::-1]
    return colored


def real(pixels: Floats, rules: Input) -> Floats:
    """The numbers that the network is meant to see."""
    low, high = rules.range
    numbers: Floats = (pixels / 255 * (high - low) + low - rules.mean) / np.array(rules.std)
    return numbers


def sized(image: NDArray[np.uint8], width: int, height: int) -> Floats:
    """Both axes brought to their size: shrinking axes first, then growing ones."""
    pixels = image.astype(np.float64)
    for axis, size in ((0, height), (1, width)):
        if size < image.shape[axis]:
            pixels = along(pixels, axis, area_weights(image.shape[axis], size))
    for axis, size in ((0, height), (1, width)):
        if size > image.shape[axis]:
            pixels = along(pixels, axis, linear_weights(image.shape[axis], size))
    return pixels


def along(pixels: Floats, axis: int, weights: Floats) -> Floats:
    """Weighted sums along one axis; weights have shape (new, old)."""
    moved: Floats = np.moveaxis(np.tensordot(weights, pixels, (1, axis)), 0, axis)
    return moved


def area_weights(old: int, new: int) -> Floats:
    """Each new cell is the mean of the stretch of old cells that it covers."""
    edges = np.arange(new + 1) * (old / new)
    cells = np.arange(old)
    begin = np.maximum(edges[:-1, None], cells)
    end = np.minimum(edges[1:, None], cells + 1)
    covered: Floats = np.maximum(end - begin, 0) / (old / new)
    return covered


def linear_weights(old: int, new: int) -> Floats:
    """Each new centre lies between two old centres; beyond the outermost it takes that one."""
    centres = np.clip((np.arange(new) + 0.5) * (old / new) - 0.5, 0, old - 1)
    near: Floats = np.maximum(0, 1 - np.abs(centres[:, None] - np.arange(old)))
    return near
