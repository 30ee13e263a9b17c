"""Where the fruit is: hanging on a vine or lying on a bench, with leaves behind and before it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from devices.simulated.foliage import curve, paint_leaf, paint_stem
from devices.simulated.glasshouse import paint_bench
from devices.simulated.paint import Canvas, Points
from devices.simulated.tomato import Tomato, paint_tomato


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be seen, and how hard it is to tell, each from 0 to 1.

    between: how near to another class. hidden: by leaves. small: how much smaller than usual.
    light: unit vector towards the sun, x to the right, y down, z towards us.
    """

    label: str
    between: float
    hidden: float
    small: float
    light: NDArray[np.float32]


def paint_vine(canvas: Canvas, rng: np.random.Generator, subject: Subject) -> None:
    """A stem with leaves behind it, a truss of fruit, and leaves before them."""
    height, width = canvas.shape[:2]
    unit = min(height, width)
    middle = np.array((width / 2, height / 2)) + rng.uniform(-0.10, 0.10, 2) * unit
    reach = np.array((0, height))
    lean = rng.uniform(-0.25, 0.25, 2)[:, None] * (unit, 0)
    bend = middle + rng.uniform(-0.2, 0.2, 2) * unit
    stem = curve(middle + lean[0] - reach, bend, middle + lean[1] + reach)
    _leaves_behind(canvas, rng, stem, unit)
    paint_stem(canvas, stem, unit * rng.uniform(0.022, 0.04))

    places: Sequence[Points] = [middle]
    if subject.label != "empty":
        radius = _radius(rng, subject, unit)
        places = _apart(rng, middle, radius, int(rng.integers(1, 6)))
        root = middle - (rng.uniform(-0.1, 0.1) * unit, radius * 2.2)
        _truss(canvas, rng, places, root, radius)
        _fruits(canvas, rng, subject, sorted(places, key=lambda place: place[1]), radius)
    _leaves_before(canvas, rng, places, subject.hidden, unit)


def paint_table(canvas: Canvas, rng: np.random.Generator, subject: Subject) -> None:
    """A slatted bench before the plants, fruit lying on it, leaves hanging in."""
    height, width = canvas.shape[:2]
    unit = min(height, width)
    back, front = height * rng.uniform(0.48, 0.6), height * rng.uniform(0.82, 1.0)
    _leaves_above(canvas, rng, unit)
    paint_bench(canvas, rng, back, front)

    places: Sequence[Points] = [np.array((width / 2, (back + front) / 2))]
    if subject.label != "empty":
        radius = _radius(rng, subject, unit)
        places = _lying(rng, width / 2, back, front, radius)
        _fruits(canvas, rng, subject, places, radius)
    _leaves_before(canvas, rng, places, subject.hidden, unit)


def _radius(rng: np.random.Generator, subject: Subject, unit: float) -> float:
    return unit * rng.uniform(0.13, 0.21) * (1 - 0.65 * subject.small)


def _apart(rng: np.random.Generator, middle: Points, radius: float, count: int) -> list[Points]:
    """Up to count places around the middle, each at least 1.5 radii from the others."""
    places = [middle + rng.uniform(-0.4, 0.4, 2) * radius]
    for _ in range(30):
        place = middle + rng.normal(0, 1.3, 2) * radius
        near = min(np.hypot(*(place - other)) for other in places)
        if len(places) < count and near > 1.5 * radius:
            places.append(place)
    return [*places]


def _lying(
    rng: np.random.Generator, centre: float, back: float, front: float, radius: float
) -> list[Points]:
    """Places on the bench beside each other, the farthest first."""
    count = int(rng.integers(1, 5))
    across = (np.arange(count) - (count - 1) / 2) * 1.7 * radius
    x = centre + across + rng.uniform(-0.2, 0.2, count) * radius
    feet = back + (front - back) * rng.uniform(0.45, 0.9, count)
    return [np.array((x[i], feet[i] - 0.8 * radius)) for i in np.argsort(feet)]


def _truss(
    canvas: Canvas, rng: np.random.Generator, places: Sequence[Points], root: Points, radius: float
) -> None:
    """A stalk from the root to each fruit."""
    for place in places:
        top = place - (0, radius * 0.7)
        bend = np.array((top[0], root[1])) + rng.uniform(-0.1, 0.1, 2) * radius
        paint_stem(canvas, curve(root, bend, top), max(1.5, radius * 0.1), 0.8)


def _fruits(
    canvas: Canvas,
    rng: np.random.Generator,
    subject: Subject,
    places: Sequence[Points],
    radius: float,
) -> None:
    for place in places:
        tomato = _tomato(rng, subject, place, radius * rng.uniform(0.87, 1.08))
        paint_tomato(canvas, rng, tomato, subject.light)


def _tomato(rng: np.random.Generator, subject: Subject, place: Points, radius: float) -> Tomato:
    between, sound = subject.between, subject.label != "rotten"
    ripeness = {
        "green": rng.uniform(0.0, 0.10) + 0.2 * between,
        "turning": rng.uniform(0.42, 0.58) + 0.2 * between * rng.choice((-1, 1)),
        "ripe": rng.uniform(0.93, 1.05) - 0.2 * between,
        "rotten": rng.uniform(0.55, 1.0),
    }[subject.label]
    rot = 0.0 if sound else rng.uniform(0.45, 1.0) * (1 - 0.9 * between)
    x, y = float(place[0]), float(place[1])
    return Tomato(x, y, radius, rng.uniform(-0.5, 0.5), float(ripeness), float(rot))


def _leaves_behind(canvas: Canvas, rng: np.random.Generator, stem: Points, unit: float) -> None:
    for _ in range(rng.integers(5, 10)):
        angle = rng.uniform(-0.5, 1.1)
        angle = angle if rng.random() < 0.5 else np.pi - angle
        foot, length = stem[rng.integers(len(stem))], unit * rng.uniform(0.4, 0.65)
        paint_leaf(canvas, rng, foot, angle, length, rng.uniform(0.4, 0.75))


def _leaves_above(canvas: Canvas, rng: np.random.Generator, unit: float) -> None:
    width = canvas.shape[1]
    for _ in range(rng.integers(3, 9)):
        foot = np.array((rng.uniform(-0.1, 1.1) * width, rng.uniform(-0.25, 0.06) * unit))
        length = unit * rng.uniform(0.35, 0.65)
        paint_leaf(canvas, rng, foot, rng.uniform(0.6, 2.5), length, rng.uniform(0.4, 0.8))


def _leaves_before(
    canvas: Canvas,
    rng: np.random.Generator,
    places: Sequence[Points],
    hidden: float,
    unit: float,
) -> None:
    """Leaves at the rim of the picture, and over each place that is to be hidden."""
    height, width = canvas.shape[:2]
    for _ in range(rng.integers(0, 3)):
        beyond, angle = rng.uniform(0.0, 0.18), rng.uniform(-0.6, 0.9)
        left = rng.random() < 0.5
        foot = np.array((-beyond if left else 1 + beyond, rng.random())) * (width, height)
        length = unit * rng.uniform(0.3, 0.5)
        angle = angle if left else np.pi - angle
        paint_leaf(canvas, rng, foot, angle, length, rng.uniform(0.8, 1.2))
    for place in places:
        for _ in range(round(2.6 * hidden * rng.uniform(0.6, 1) - 0.3)):
            angle, length = rng.uniform(0, 2 * np.pi), unit * rng.uniform(0.3, 0.5)
            foot = place - 0.42 * length * np.array((np.cos(angle), np.sin(angle)))
            paint_leaf(canvas, rng, foot, angle, length, rng.uniform(0.8, 1.2))
