"""Tomato leaves and stems: feathered leaves of toothed leaflets, round shaded stalks."""

import numpy as np

from devices.simulated.paint import (
    Canvas,
    Colour,
    Points,
    Sketch,
    blend,
    cloud,
    light_of,
    mix,
    scaled,
    shade,
    soft,
)

YOUNG = light_of(122, 160, 58)
OLD = light_of(40, 84, 34)
BLUISH = light_of(62, 108, 72)
STALK = light_of(110, 144, 62)
ROUNDNESS = ((1.0, 0.45), (0.75, 0.75), (0.45, 1.05), (0.18, 1.5))
"""A stalk is drawn as lines one upon the other: (share of its thickness, brightness)."""


def leaf_green(rng: np.random.Generator) -> Colour:
    """One of the greens that leaves have."""
    green = mix(OLD, YOUNG, float(rng.beta(1.6, 2.2)))
    return mix(green, BLUISH, float(rng.uniform(0, 0.4)))


def paint_leaf(
    canvas: Canvas,
    rng: np.random.Generator,
    foot: Points,
    angle: float,
    length: float,
    light: float = 1.0,
) -> None:
    """Paints a feathered leaf with its shadow.

    foot: (x, y) in pixels where it begins. angle: where it points, radians, 0 to the right and
    a quarter turn down. length: pixels. light: how brightly it is lit.
    """
    ahead = np.array((np.cos(angle), np.sin(angle)))
    half = int(length * 0.85) + 4
    corner = np.round(foot + 0.55 * length * ahead - half)
    green = scaled(leaf_green(rng), light)
    sketch = Sketch(2 * half, 2 * half, green)
    spine = _spine(rng, ahead, length) + foot - corner
    sketch.line(spine, scaled(green, 1.5), length * 0.03)
    for at, turn, size in _leaflets(rng):
        _leaflet(sketch, rng, spine[int(at * (len(spine) - 1))], angle + turn, length * size, green)

    side, left, top = 2 * half, int(corner[0]), int(corner[1])
    mottled = 1 + 0.16 * cloud(rng, side, side, 6) + 0.09 * cloud(rng, side, side, 30)
    drop = max(1, round(length * 0.06))
    shade(canvas, soft(sketch.cover, length * 0.05), left - drop // 2, top + drop, 0.55)
    blend(canvas, sketch.patch * mottled[..., None], sketch.cover, left, top)


def paint_stem(canvas: Canvas, points: Points, thickness: float, light: float = 1.0) -> None:
    """Paints a round stalk through the points, with its shadow; thickness in pixels."""
    room = int(2 * thickness) + 3
    corner = np.clip(np.floor(points.min(axis=0)) - room, -room, None)
    end = np.minimum(points.max(axis=0) + room, (canvas.shape[1] + room, canvas.shape[0] + room))
    width, height = np.maximum(end - corner, 1).astype(int)
    sketch = Sketch(height, width, scaled(STALK, light))
    for share, brightness in ROUNDNESS:
        ridge = points - corner - np.array((thickness * (1 - share) * 0.22, 0))
        sketch.line(ridge, scaled(STALK, brightness * light), thickness * share)
    left, top = int(corner[0]), int(corner[1])
    shade(canvas, soft(sketch.cover, thickness * 0.5), left, top + round(thickness * 0.5), 0.45)
    blend(canvas, sketch.patch, sketch.cover, left, top)


def curve(start: Points, bend: Points, end: Points) -> Points:
    """24 points of the quadratic curve between start and end, drawn to bend."""
    t = np.linspace(0, 1, 24)[:, None]
    return np.asarray((1 - t) ** 2 * start + 2 * t * (1 - t) * bend + t**2 * end)


def _spine(rng: np.random.Generator, ahead: Points, length: float) -> Points:
    aside = np.array((-ahead[1], ahead[0]))
    bend = ahead * 0.5 + aside * rng.uniform(-0.12, 0.12)
    return curve(np.zeros(2), bend * length, ahead * length * 0.72)


def _leaflets(rng: np.random.Generator) -> list[tuple[float, float, float]]:
    """Leaflets as (place on the spine 0-1, angle to it, length): pairs, then the one at the tip."""
    places = []
    for at in (0.30, 0.62, 0.92):
        for hand in (-1, 1):
            turn = hand * rng.uniform(0.75, 1.15) * (1.15 - 0.3 * at)
            places.append((at, turn, rng.uniform(0.34, 0.46) * (0.75 + 0.35 * at)))
    places.append((1.0, rng.uniform(-0.15, 0.15), rng.uniform(0.5, 0.6)))
    return places


def _leaflet(
    sketch: Sketch,
    rng: np.random.Generator,
    start: Points,
    heading: float,
    length: float,
    green: Colour,
) -> None:
    """Two halves folded along the midrib, one lighter than the other, with veins."""
    along = np.linspace(0, 1, 25)
    teeth = 1 - 0.28 * np.modf(along * rng.uniform(4.5, 6.5) + rng.uniform())[0]
    width = rng.uniform(0.26, 0.36) * np.sin(np.pi * along**0.72) ** 0.85 * teeth
    droop = rng.uniform(-0.22, 0.22) * along**2
    tone = rng.uniform(0.8, 1.25)
    cos, sin = np.cos(heading), np.sin(heading)
    turn = np.array(((cos, sin), (-sin, cos))) * length
    rib = np.stack([along, droop], axis=1) @ turn + start
    for hand in (-1, 1):
        edge = np.stack([along, droop + hand * width], axis=1) @ turn + start
        lit = scaled(green, tone * (1.22 if hand * cos > 0 else 0.72))
        sketch.fill(np.concatenate([rib, edge[::-1]]), lit)
        for i in (4, 8, 12, 16):
            vein = np.stack([rib[i], 0.25 * rib[i + 3] + 0.75 * edge[i + 3]])
            sketch.line(vein, scaled(lit, 1.3))
    sketch.line(rib, scaled(green, tone * 1.5), length * 0.03)
