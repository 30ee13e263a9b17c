"""What stands around the tomatoes: glass and bars, rows of plants, a path, a bench."""

from itertools import pairwise

import cv2
import numpy as np

from devices.simulated.foliage import leaf_green
from devices.simulated.paint import (
    Canvas,
    Colour,
    Points,
    cloud,
    light_of,
    mix,
    scaled,
)

SKY = light_of(214, 228, 236)
HAZE = light_of(172, 196, 172)
BAR = light_of(236, 240, 238)
SHADED_BAR = light_of(120, 134, 132)
PATH = light_of(150, 144, 130)
SOIL = light_of(70, 78, 58)
WOODS = (light_of(176, 138, 96), light_of(150, 120, 92), light_of(190, 164, 128))
METALS = (light_of(158, 166, 168), light_of(126, 136, 140))
FAR = 4
"""The far background is painted this many times smaller, and so comes out of focus."""


def paint_glasshouse(canvas: Canvas, rng: np.random.Generator) -> None:
    """Fills the whole canvas."""
    height, width = max(8, canvas.shape[0] // FAR), max(8, canvas.shape[1] // FAR)
    far = np.zeros((height, width, 3), np.float32)
    vanish = np.array((rng.uniform(0.25, 0.75) * width, rng.uniform(0.3, 0.5) * height))
    _sky(far, rng)
    _bars(far, rng, vanish)
    _path(far, rng, vanish)
    _rows(far, rng, vanish)
    blur = rng.uniform(0.006, 0.016) * min(height, width)
    far = np.asarray(cv2.GaussianBlur(far, (0, 0), max(blur, 0.6)), np.float32)
    size = canvas.shape[1], canvas.shape[0]
    canvas[:] = cv2.resize(far, size, interpolation=cv2.INTER_CUBIC)
    np.maximum(canvas, 0, out=canvas)


def paint_bench(canvas: Canvas, rng: np.random.Generator, back: float, front: float) -> None:
    """Lays a slatted bench from its back edge to its front edge, rows in pixels."""
    height = canvas.shape[0]
    tops = WOODS if rng.random() < 0.7 else METALS
    colour = scaled(tops[rng.integers(len(tops))], rng.uniform(0.55, 0.95))
    edges = back + (front - back) * np.linspace(0, 1, rng.integers(4, 7)) ** 1.5
    for upper, lower in pairwise(edges):
        gap = max(1.0, (lower - upper) * 0.1)
        _plank(canvas, rng, upper, lower - gap, colour)
        _darken(canvas, lower - gap, lower, 0.22)
    lip = front + 0.05 * height
    _plank(canvas, rng, front, lip, scaled(colour, 0.6))
    _darken(canvas, lip, height, 0.35)


def _sky(far: Canvas, rng: np.random.Generator) -> None:
    height, width = far.shape[:2]
    top, low = scaled(SKY, rng.uniform(0.7, 1.3)), scaled(HAZE, rng.uniform(0.4, 0.9))
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    far[:] = np.array(top, np.float32) * (1 - down) + np.array(low, np.float32) * down
    far *= (1 + 0.18 * cloud(rng, height, width, 4))[..., None]


def _bars(far: Canvas, rng: np.random.Generator, vanish: Points) -> None:
    """Glazing bars: some run into the depth, some stand across."""
    height, width = far.shape[:2]
    thick = max(1, round(min(height, width) * 0.012))
    for x in np.arange(-1.0, 2.0, rng.uniform(0.14, 0.24)):
        colour = mix(BAR, SHADED_BAR, float(rng.uniform(0, 1)))
        _bar(far, (x * width, -2), (vanish[0], vanish[1]), colour, thick)
    for depth in (0.1, 0.42, 0.66, 0.82):
        y = vanish[1] * depth
        colour = mix(BAR, SHADED_BAR, float(rng.uniform(0.2, 1)))
        _bar(far, (0, y), (width, y + rng.uniform(-2, 2)), colour, round(thick * (1.4 - depth)))


def _bar(
    far: Canvas, start: tuple[float, float], end: tuple[float, float], colour: Colour, thick: int
) -> None:
    first, last = (round(start[0]), round(start[1])), (round(end[0]), round(end[1]))
    cv2.line(far, first, last, colour, max(1, thick))


def _path(far: Canvas, rng: np.random.Generator, vanish: Points) -> None:
    """Soil that sinks into the haze, and a path to the vanishing point."""
    height, width = far.shape[:2]
    near = np.clip((np.arange(height) - vanish[1]) / (0.25 * height), 0, 1)
    near = 0.8 * near.astype(np.float32)[:, None, None]
    far += (np.array(SOIL, np.float32) - far) * near
    half = rng.uniform(0.18, 0.4) * width
    top, low = vanish[1], height
    corners = ((vanish[0] - 2, top), (vanish[0] + 2, top), (vanish[0] + half, low))
    outline = np.round(np.array((*corners, (vanish[0] - half, low)))).astype(np.int32)
    cv2.fillPoly(far, [outline], scaled(PATH, rng.uniform(0.4, 0.9)))


def _rows(far: Canvas, rng: np.random.Generator, vanish: Points) -> None:
    """Two rows of plants that come towards us: blobs of leaf, larger as they near."""
    height, width = far.shape[:2]
    for near in np.sort(rng.uniform(0.02, 1.0, 380)) ** 1.3:
        aisle = ((0.10 + 0.34 * rng.random()) * near * 2.2 + 0.03) * width
        x = vanish[0] + rng.choice((-1, 1)) * aisle
        y = vanish[1] + (rng.uniform(-0.55, 0.62) * near * 1.2 + rng.uniform(-0.05, 0.05)) * height
        size = (0.012 + 0.07 * near * rng.uniform(0.5, 1.2)) * min(height, width)
        green = mix(leaf_green(rng), HAZE, 0.5 * (1 - near))
        axes = max(1, round(size)), max(1, round(size * rng.uniform(0.35, 0.8)))
        colour = scaled(green, rng.uniform(0.3, 1.3))
        cv2.ellipse(far, (round(x), round(y)), axes, rng.uniform(0, 180), 0, 360, colour, -1)


def _plank(
    canvas: Canvas, rng: np.random.Generator, upper: float, lower: float, colour: Colour
) -> None:
    part = canvas[max(0, round(upper)) : max(0, round(lower))]
    if part.size == 0:
        return
    height, width = part.shape[:2]
    fibres = rng.uniform(-1, 1, (max(2, height // 3), 9)).astype(np.float32)
    fibre = np.asarray(cv2.resize(fibres, (width, height)), np.float32)
    tone = rng.uniform(0.85, 1.15) * (1 + 0.22 * fibre + 0.14 * cloud(rng, height, width, 5))
    part[:] = np.array(colour, np.float32) * tone.astype(np.float32)[..., None]


def _darken(canvas: Canvas, upper: float, lower: float, light: float) -> None:
    canvas[max(0, round(upper)) : max(0, round(lower))] *= light
