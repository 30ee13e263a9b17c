"""What the cameras of the soak see: small photographs, or drawn tomatoes where there are none."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from devices.simulated.greenhouse import CLASSES, render

WIDTH, HEIGHT, QUALITY = 320, 240, 90
PICTURES = 120
"""Of each camera, so that a picture comes back after 24 s at 5 fps."""


def pictures(folder: Path | None) -> list[bytes]:
    """JPEGs of one size. folder: with photographs, or None."""
    images = islice(_photographs(folder) if folder else _tomatoes(), PICTURES)
    return [encoded(image) for image in images]


def black() -> bytes:
    """A JPEG as a covered lens gives it."""
    return encoded(np.zeros((HEIGHT, WIDTH, 3), np.uint8))


def encoded(image: NDArray[np.uint8]) -> bytes:
    """As a JPEG that every decoder reads."""
    jpeg: bytes = simplejpeg.encode_jpeg(
        np.ascontiguousarray(image), quality=QUALITY, colorspace="BGR", colorsubsampling="420"
    )
    return jpeg


def _photographs(folder: Path) -> Iterator[NDArray[np.uint8]]:
    for path in sorted(folder.iterdir()):
        image = cv2.imread(str(path))
        if image is not None:
            small = cv2.resize(image, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
            yield np.asarray(small, np.uint8)


def _tomatoes() -> Iterator[NDArray[np.uint8]]:
    for number in range(PICTURES):
        rng, label = np.random.default_rng(number), CLASSES[number % len(CLASSES)]
        yield render(rng, label, WIDTH, HEIGHT, number / PICTURES)
