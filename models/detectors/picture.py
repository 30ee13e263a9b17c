"""Brings a picture to a size that a detector's network takes."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

MULTIPLE = 32
"""Sides of the input of a network that takes any size are multiples of this."""

Image = NDArray[np.uint8]
Tensor = NDArray[np.float32]


def stretched(image: Image, max_side: int, rgb: bool) -> Tensor:
    """Levels 0..255, (1, 3, height, width), stretched to the next multiples of 32.

    A picture whose longer side exceeds max_side is shrunk to it; apart from the rounding up, none
    is enlarged. Stretching by those few percent finds more faces than a border that fills up.
    """
    height, width = image.shape[:2]
    scale = min(1.0, max_side / max(height, width))
    size = (_next_multiple(width * scale), _next_multiple(height * scale))
    return np.asarray(cv2.dnn.blobFromImage(image, size=size, swapRB=rgb), np.float32)


def per_pixel(image: Image, tensor: Tensor) -> tuple[float, float]:
    """Pixels of the image per pixel of the tensor (1, 3, height, width), across and down."""
    return image.shape[1] / tensor.shape[3], image.shape[0] / tensor.shape[2]


def _next_multiple(side: float) -> int:
    return math.ceil(round(side) / MULTIPLE) * MULTIPLE or MULTIPLE
