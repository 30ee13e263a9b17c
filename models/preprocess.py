"""From a picture of any size to the tensor that a network takes, exactly as its manifest says."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.backend import TensorSpec
from models.bundles.manifest import Input
from models.errors import BundleError
from models.resize import resized

DTYPES = ("float32", "float16", "int8", "uint8", "int16")


class Preprocessor:
    """Turns pictures into input tensors: one resize, then one look-up per channel value.

    A pixel has 256 values, so range, mean, std and quantisation are one table, made in float64
    and rounded once. Once made it may be used from any thread.
    """

    def __init__(self, rules: Input, tensor: TensorSpec) -> None:
        """Raises BundleError when the network takes something else than the rules make."""
        _require_fit(rules, tensor)
        self._rules = rules
        table = lookup(rules, tensor)
        self._planes = tuple(np.ascontiguousarray(table[:, channel]) for channel in range(3))
        self._table = self._planes[0] if (table == table[:, :1]).all() else table[np.newaxis]
        self._identity = table.dtype == np.uint8 and np.array_equal(self._table, np.arange(256))

    def __call__(self, image: NDArray[np.uint8]) -> NDArray[Any]:
        """An image (height, width, 3) uint8 BGR as a tensor of one picture in the network's dtype.

        The tensor may share memory with an image that needs no change at all.
        """
        if self._rules.layout == "nchw":
            return self._nchw(_framed(image, self._rules))
        fitted = fit(image, self._rules)
        return (fitted if self._identity else cv2.LUT(fitted, self._table))[np.newaxis]

    def _nchw(self, pixels: NDArray[np.uint8]) -> NDArray[Any]:
        """From BGR; each channel goes straight to its place."""
        tensor = np.empty((1, 3, *pixels.shape[:2]), self._planes[0].dtype)
        order = slice(None, None, -1 if self._rules.color == "rgb" else 1)
        places = list(tensor[0, order])
        if self._identity:
            cv2.split(pixels, places)
            return tensor
        channels = [np.empty(pixels.shape[:2], np.uint8) for _ in places]
        cv2.split(pixels, channels)
        for channel, table, place in zip(channels, self._planes[order], places, strict=True):
            cv2.LUT(channel, table, dst=place)
        return tensor


def fit(image: NDArray[np.uint8], rules: Input) -> NDArray[np.uint8]:
    """The image at the size and in the colour order of the rules, uint8 (height, width, 3)."""
    framed = _framed(image, rules)
    if rules.color == "bgr":
        return framed
    return np.asarray(cv2.cvtColor(framed, cv2.COLOR_BGR2RGB), np.uint8)


def lookup(rules: Input, tensor: TensorSpec) -> NDArray[Any]:
    """What each pixel value becomes: (256, 3), dtype of the tensor, channels in order of color."""
    low, high = rules.range
    pixels = np.arange(256, dtype=np.float64)[:, np.newaxis]
    real = (pixels / 255 * (high - low) + low - np.array(rules.mean)) / np.array(rules.std)
    dtype: np.dtype[Any] = np.dtype(tensor.dtype)
    if dtype.kind == "f":
        return np.asarray(real, dtype)
    bounds = np.iinfo(dtype)
    steps = np.rint(real / (tensor.scale or 1.0) + tensor.zero_point)
    return np.asarray(steps.clip(bounds.min, bounds.max), dtype)


def shape_of(rules: Input) -> tuple[int, int, int, int]:
    """The shape of one input tensor."""
    if rules.layout == "nhwc":
        return (1, rules.height, rules.width, 3)
    return (1, 3, rules.height, rules.width)


def _require_fit(rules: Input, tensor: TensorSpec) -> None:
    made = shape_of(rules)
    free = len(tensor.shape) == 4 and all(
        theirs in (ours, -1) for ours, theirs in zip(made, tensor.shape, strict=True)
    )
    if not free:
        raise BundleError(
            f"the manifest's input is {rules.layout} {made}, but the network takes {tensor.shape}: "
            "correct input.width, input.height or input.layout"
        )
    if tensor.dtype not in DTYPES:
        raise BundleError(
            f"the network takes {tensor.dtype}; pictures can be given as {', '.join(DTYPES)}"
        )


def _framed(image: NDArray[np.uint8], rules: Input) -> NDArray[np.uint8]:
    """The image at the size of the rules, still BGR."""
    if rules.resize == "letterbox":
        return _letterbox(image, rules)
    if rules.resize == "center-crop":
        image = _center_crop(image, rules.width, rules.height)
    return resized(image, rules.width, rules.height)


def _center_crop(image: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    rows, columns = image.shape[:2]
    part_width = max(1, min(columns, rows * width // height))
    part_height = max(1, min(rows, columns * height // width))
    x, y = (columns - part_width) // 2, (rows - part_height) // 2
    return image[y : y + part_height, x : x + part_width]


def _letterbox(image: NDArray[np.uint8], rules: Input) -> NDArray[np.uint8]:
    rows, columns = image.shape[:2]
    width = max(1, min(rules.width, columns * rules.height // rows))
    height = max(1, min(rules.height, rows * rules.width // columns))
    across, down = rules.width - width, rules.height - height
    left, top = across // 2, down // 2
    pad = rules.pad or (0, 0, 0)
    border = pad if rules.color == "bgr" else pad[::-1]
    inside = resized(image, width, height)
    edges = (top, down - top, left, across - left)
    framed = cv2.copyMakeBorder(inside, *edges, cv2.BORDER_CONSTANT, value=border)
    return np.asarray(framed, np.uint8)
