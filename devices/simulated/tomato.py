"""One tomato: a lit, slightly lumpy ball with its calyx, from green over ripe to rotten."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from devices.simulated.paint import (
    Canvas,
    Mask,
    Points,
    Sketch,
    blend,
    cloud,
    light_of,
    scaled,
    shade,
    soft,
)

RIPENING = (
    (0.00, light_of(112, 150, 58)),
    (0.22, light_of(158, 172, 78)),
    (0.42, light_of(222, 178, 74)),
    (0.60, light_of(236, 128, 44)),
    (0.80, light_of(224, 64, 34)),
    (1.00, light_of(198, 22, 22)),
)
BROWN = np.array(light_of(92, 62, 34), np.float32)
BLACK = np.array(light_of(38, 26, 20), np.float32)
MOULD = np.array(light_of(196, 198, 188), np.float32)
SEPAL = light_of(74, 116, 40)
REACH = 1.3
"""Half the side of the patch that a tomato is painted in, in radii."""


@dataclass(frozen=True, slots=True)
class Tomato:
    """Where it hangs and how it is: centre and radius in pixels, tilt in radians.

    ripeness: 0 green, 0.5 turning, 1 ripe. rot: 0 sound, 1 far gone.
    """

    x: float
    y: float
    radius: float
    tilt: float
    ripeness: float
    rot: float = 0.0


@dataclass(frozen=True, slots=True)
class _Ball:
    """A sphere seen from the front: positions and normals per pixel, in radii; y points down."""

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    z: NDArray[np.float32]
    cover: Mask


def paint_tomato(
    canvas: Canvas, rng: np.random.Generator, tomato: Tomato, light: NDArray[np.float32]
) -> None:
    """Paints it with its shadow; light is the unit vector towards the sun (x, y down, z to us)."""
    ball = _ball(rng, tomato)
    left = round(tomato.x - REACH * tomato.radius)
    top = round(tomato.y - REACH * tomato.radius)
    offset = tomato.radius * 0.22
    dark = soft(ball.cover, tomato.radius * 0.16)
    shade(canvas, dark, round(left - light[0] * offset), round(top + offset * 0.9), 0.62)

    patch = _skin(rng, tomato, ball)
    gloss = _spoil(rng, patch, ball, tomato.rot) if tomato.rot > 0 else np.ones_like(ball.z)
    _light(patch, ball, light, gloss)
    blend(canvas, patch, ball.cover, left, top)
    _calyx(canvas, rng, tomato, left, top)


def _ball(rng: np.random.Generator, tomato: Tomato) -> _Ball:
    side = _side(tomato)
    line = np.linspace(-REACH, REACH, side, dtype=np.float32)
    x, y = np.meshgrid(line, line * np.float32(rng.uniform(1.02, 1.14)))
    lobes = 1 + 0.025 * np.cos(rng.integers(3, 6) * np.arctan2(y, x) + rng.uniform(0, 6))
    distance = np.hypot(x, y) * lobes.astype(np.float32)
    z = np.sqrt(np.clip(1 - distance**2, 0.0, 1), dtype=np.float32)
    cover = np.clip((1 - distance) * tomato.radius + 0.5, 0, 1)
    return _Ball(x, y, z, cover)


def _skin(rng: np.random.Generator, tomato: Tomato, ball: _Ball) -> Canvas:
    side = ball.x.shape[0]
    along = ball.x * np.sin(-tomato.tilt) + ball.y * np.cos(tomato.tilt)
    uneven = 0.05 + 0.3 * max(0.0, 0.5 - abs(tomato.ripeness - 0.5))
    ripe = tomato.ripeness + uneven * (0.9 * along + 0.7 * cloud(rng, side, side, 4))
    ripe += np.float32(0.015) * cloud(rng, side, side, 22)
    stops = np.array([stop for stop, _ in RIPENING], np.float32)
    colours = np.array([colour for _, colour in RIPENING], np.float32)
    table = np.stack(
        [np.interp(np.linspace(0, 1, 256), stops, colours[:, band]) for band in range(3)], axis=1
    ).astype(np.float32)
    return np.asarray(table[(np.clip(ripe, 0, 1) * 255).astype(np.uint8)], np.float32)


def _spoil(rng: np.random.Generator, patch: Canvas, ball: _Ball, rot: float) -> NDArray[np.float32]:
    """Browns the skin in blotches with some mould; returns how glossy it remains."""
    side = patch.shape[0]
    patch += (patch * np.array((0.5, 0.45, 0.6), np.float32) - patch) * np.float32(0.8 * rot)
    blotch = np.full((side, side), -1, np.float32)
    for _ in range(rng.integers(1, 4)):
        angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0.0, 0.55)
        size = rng.uniform(0.1, 0.25) + 0.55 * rot
        far = np.hypot(ball.x - reach * np.cos(angle), ball.y - reach * np.sin(angle))
        blotch = np.maximum(blotch, (size - far) / size)
    blotch += 0.22 * cloud(rng, side, side, 8) + 0.08 * cloud(rng, side, side, 26)
    sick = np.clip(blotch * 5 + 0.4, 0, 1)[..., None]
    dead = np.clip(blotch * 3.2 - 0.9, 0, 1)[..., None]
    specks = 0.7 * cloud(rng, side, side, 60) + 0.5 * cloud(rng, side, side, 11)
    fuzz = np.clip(0.6 * specks + blotch * 0.9 - 0.45, 0, 0.5)[..., None]
    patch += (BROWN - patch) * sick * 0.92
    patch += (BLACK - patch) * dead * 0.9
    patch += (MOULD - patch) * fuzz * np.float32(rng.uniform(0.1, 0.9))
    wrinkles = cloud(rng, side, side, 30) * np.clip(blotch + 0.5, 0, 1)
    patch *= (1 + 0.28 * wrinkles)[..., None]
    return np.asarray((1 - 0.85 * sick[..., 0]) * (1 - 0.6 * rot), np.float32)


def _light(
    patch: Canvas, ball: _Ball, sun: NDArray[np.float32], gloss: NDArray[np.float32]
) -> None:
    facing = ball.x * sun[0] + ball.y * sun[1] + ball.z * sun[2]
    direct = np.clip(facing * 0.85 + 0.15, 0, 1)
    sky = 0.5 - 0.5 * ball.y
    patch *= (0.14 + 0.20 * sky + 0.86 * direct**1.1)[..., None]
    bounce = np.clip(ball.y, 0, 1) * (1 - ball.z)
    patch += np.array((0.01, 0.045, 0.02), np.float32) * bounce[..., None]

    mirrored = 2 * facing * ball.z - sun[2]
    shine = np.clip(mirrored, 0, 1)
    glare = 0.55 * shine**90 + 0.16 * shine**14
    rim = 0.10 * (1 - ball.z) ** 3 * np.clip(0.3 - ball.y, 0, 1)
    patch += ((glare * _panes(ball, sun) + rim) * gloss)[..., None]


def _panes(ball: _Ball, sun: NDArray[np.float32]) -> NDArray[np.float32]:
    """The bars of the glass house in the highlight."""
    bar = np.abs(ball.x - 0.5 * sun[0] - 0.12 * ball.y)
    return np.asarray(np.clip(bar * 22, 0.35, 1), np.float32)


def _calyx(canvas: Canvas, rng: np.random.Generator, tomato: Tomato, left: int, top: int) -> None:
    side = _side(tomato)
    upwards = np.array((np.sin(tomato.tilt), -np.cos(tomato.tilt)))
    crown = side / 2 + tomato.radius * 0.72 * upwards
    base = scaled(SEPAL, rng.uniform(0.75, 1.3))
    sketch = Sketch(side, side, base)
    start = rng.uniform(0, 2 * np.pi)
    for number in range(rng.integers(5, 7)):
        angle = start + number * 2 * np.pi / 5.4 + rng.uniform(-0.15, 0.15)
        outline = _sepal(rng, angle, tomato.radius * rng.uniform(0.42, 0.62), tomato.tilt)
        tone = scaled(base, 0.8 + 0.4 * np.sin(angle - 0.8) ** 2)
        sketch.fill(outline + crown, tone)
        tip = outline[len(outline) // 2]
        sketch.line(np.stack([crown, crown + 0.8 * tip]), scaled(tone, 1.5), tomato.radius * 0.02)
    shift = max(1, round(tomato.radius * 0.07))
    shade(canvas, soft(sketch.cover, tomato.radius * 0.05), left, top + shift, 0.5)
    blend(canvas, sketch.patch, sketch.cover, left, top)


def _sepal(rng: np.random.Generator, angle: float, length: float, tilt: float) -> Points:
    """A narrow pointed leaf from the crown outwards, flattened as it lies on the shoulder."""
    along = np.linspace(0, 1, 9)
    width = 0.17 * np.sin(np.pi * np.clip(along * 0.88 + 0.12, 0, 1)) ** 0.8
    curl = rng.uniform(-0.35, 0.35) * along**2
    right = np.stack([along, curl + width], axis=1)
    left = np.stack([along, curl - width], axis=1)[::-1]
    outline = np.concatenate([right, left]) * length
    flat = outline @ _turn(angle).T * np.array((1.0, 0.48))
    flat[:, 1] += 0.1 * np.linalg.norm(outline, axis=1) ** 2 / length
    return np.asarray(flat @ _turn(tilt).T)


def _turn(angle: float) -> Points:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array(((cos, -sin), (sin, cos)))


def _side(tomato: Tomato) -> int:
    return max(8, round(2 * REACH * tomato.radius))
