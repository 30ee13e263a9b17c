"""Brings a picture to a size that a detector's network takes."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

MULTIPLE = 32
"""Sides of the input of a network that takes any size are multiples of this."""

Image = NDArray[np.uint8]
Tensor = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a network is given of a picture.

    scale: pixels of the picture per pixel of the tensor, across and down. left, top: where the
    picture begins in the tensor.
    """

    tensor: Tensor
    scale: tuple[float, float]
    left: int = 0
    top: int = 0


def stretched(image: Image, max_side: int, rgb: bool) -> Seen:
    """Levels 0..255, (1, 3, height, width), stretched to the next multiples of 32.

    A picture whose longer side exceeds max_side is shrunk to it; apart from the rounding up, none
    is enlarged. Stretching by those few percent finds more faces than a border that fills up.
    """
    height, width = image.shape[:2]
    scale = min(1.0, max_side / max(height, width))
    size = (_next_multiple(width * scale), _next_multiple(height * scale))
    return filling(image, _planes(image, size, rgb))


def _planes(image: Image, size: tuple[int, int], rgb: bool) -> Tensor:
    """What cv2.dnn.blobFromImage makes of it, in three quarters of the time."""
    resized = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
    tensor = np.empty((1, 3, size[1], size[0]), np.float32)
    for number, plane in enumerate(cv2.split(resized)):
        tensor[0, 2 - number if rgb else number] = plane
    return tensor


def filling(image: Image, tensor: Tensor) -> Seen:
    """A tensor (1, 3, height, width) that is filled by the whole picture."""
    return Seen(tensor, (image.shape[1] / tensor.shape[3], image.shape[0] / tensor.shape[2]))


def _next_multiple(side: float) -> int:
    return math.ceil(round(side) / MULTIPLE) * MULTIPLE or MULTIPLE
