"""Scenes that are drawn, the same ones seen again, and fingerprints that are made by hand."""

import cv2
import numpy as np
from numpy.typing import NDArray

from uploader.choosing.looks.fingerprint import Fingerprint

Pixels = NDArray[np.uint8]

HEIGHT, WIDTH = 270, 480
SOLID = 230


def scene(seed: int) -> Pixels:
    """Smooth patches of colour, as many as a shelf has things."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.uint8)


def again(pixels: Pixels, seed: int, gain: float = 1.0, shift: int = 0) -> Pixels:
    """The same scene: with the noise of a camera, brighter or darker, some pixels aside."""
    rng = np.random.default_rng(seed)
    moved = np.roll(pixels, (shift, shift), (0, 1)).astype(np.float32)
    return np.asarray((moved * gain + rng.normal(0, 6, pixels.shape)).clip(0, 255), np.uint8)


def with_cover(pixels: Pixels, x: int, y: int, side: int) -> Pixels:
    covered = pixels.copy()
    covered[y : y + side, x : x + side] = SOLID
    return covered


def of_vector(*numbers: float, space: str = "weights") -> Fingerprint:
    vector = np.array(numbers, np.float32)
    return Fingerprint(space, vector / np.float32(np.linalg.norm(vector)))


def at_cosine(cosine: float) -> Fingerprint:
    """So near to `of_vector(1, 0)`."""
    return of_vector(cosine, (1 - cosine**2) ** 0.5)
