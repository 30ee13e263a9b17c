"""Brings a picture to a size that a detector's network takes."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.backend import PlaneOrder

MULTIPLE = 32
"""Sides of the input of a network that takes any size are multiples of this."""

Image = NDArray[np.uint8]
Tensor = NDArray[np.float32] | NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a network is given of a picture: its levels, or the picture itself (1, h, w, 3), BGR.

    scale: pixels of the picture per pixel of the tensor, across and down. left, top: where the
    picture begins in the tensor.
    """

    tensor: Tensor
    scale: tuple[float, float]
    left: int = 0
    top: int = 0


def stretched(image: Image, max_side: int) -> Seen:
    """The picture itself, (1, height, width, 3), stretched to the next multiples of 32.

    A picture whose longer side exceeds max_side is shrunk to it; apart from the rounding up, none
    is enlarged. Stretching by those few percent finds more faces than a border that fills up.
    """
    height, width = image.shape[:2]
    scale = min(1.0, max_side / max(height, width))
    size = (_next_multiple(width * scale), _next_multiple(height * scale))
    picture = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    return Seen(picture[None], (width / size[0], height / size[1]))


def planes_of(picture: Tensor, order: PlaneOrder) -> NDArray[np.float32]:
    """Of a picture (1, height, width, 3), BGR, levels 0..255, (1, 3, height, width).

    What cv2.dnn.blobFromImage makes of it, in three quarters of the time.
    """
    _, height, width, _ = picture.shape
    tensor = np.empty((1, 3, height, width), np.float32)
    for number, plane in enumerate(cv2.split(picture[0])):
        tensor[0, 2 - number if order == "rgb" else number] = plane
    return tensor


def _next_multiple(side: float) -> int:
    return math.ceil(round(side) / MULTIPLE) * MULTIPLE or MULTIPLE
