"""From light to a picture: what sun, lens and sensor of a cheap camera do to a scene."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from devices.simulated.paint import Canvas, cloud


@dataclass(frozen=True, slots=True)
class Exposure:
    """How a picture is taken.

    brightness: factor on the light. warmth: -1 bluish to 1 yellowish white balance.
    dapple: depth of the shadows that leaves overhead throw, 0-1.
    blur: out of focus, as a share of the shorter side. grain: sensor noise, in steps of 255.
    """

    brightness: float
    warmth: float
    dapple: float
    blur: float
    grain: float


def photograph(canvas: Canvas, rng: np.random.Generator, exposure: Exposure) -> NDArray[np.uint8]:
    """Takes the picture: uint8, shape (height, width, 3), BGR."""
    height, width = canvas.shape[:2]
    spots = np.clip(0.55 + 1.1 * cloud(rng, height, width, 5), 0, 1)
    canvas *= (1 - exposure.dapple * (1 - spots))[..., None]
    canvas *= np.array(_balance(exposure), np.float32) * _vignette(height, width)[..., None]
    if exposure.blur * min(height, width) > 0.3:
        canvas = _defocus(canvas, exposure.blur * min(height, width))
    canvas = _bloom(canvas)
    canvas = np.sqrt(1 - np.exp(-1.2 * np.maximum(canvas, 0)))
    return sensor(canvas, rng, exposure.grain)


def sensor(canvas: Canvas, rng: np.random.Generator, grain: float) -> NDArray[np.uint8]:
    """Counts the light of a canvas that is already in display brightness, with noise."""
    counts = canvas * 255
    if grain > 0:
        counts += grain * rng.standard_normal(canvas.shape, np.float32)
    return np.asarray(np.clip(counts + 0.5, 0, 255).astype(np.uint8))


def _balance(exposure: Exposure) -> tuple[float, float, float]:
    warm = exposure.warmth
    return (
        exposure.brightness * (1 - 0.24 * warm),
        exposure.brightness * (1 - 0.02 * abs(warm)),
        exposure.brightness * (1 + 0.18 * warm),
    )


def _vignette(height: int, width: int) -> NDArray[np.float32]:
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None]
    return np.asarray(1 - 0.16 * (x**2 + y**2), np.float32)


def _defocus(canvas: Canvas, sigma: float) -> Canvas:
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), sigma), np.float32)


def _bloom(canvas: Canvas) -> Canvas:
    """Light that spills from the brightest spots."""
    height, width = canvas.shape[:2]
    size = max(1, width // 4), max(1, height // 4)
    small = cv2.resize(canvas, size, interpolation=cv2.INTER_AREA)
    glow = np.clip(small[..., 0] * 0.3 + small[..., 1] * 0.3 + small[..., 2] * 0.4 - 0.7, 0, 1)
    spilt = cv2.GaussianBlur(glow, (0, 0), max(0.02 * min(size), 0.1))
    return np.asarray(canvas + 0.4 * cv2.resize(spilt, (width, height))[..., None], np.float32)
