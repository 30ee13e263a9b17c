"""Renders pictures of tomatoes in a greenhouse that does not exist, by class and difficulty."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from devices.simulated.glasshouse import paint_glasshouse
from devices.simulated.photograph import Exposure, photograph
from devices.simulated.scenes import Subject, paint_table, paint_vine

CLASSES = ("green", "turning", "ripe", "rotten", "empty")


@dataclass(frozen=True, slots=True)
class _Hardship:
    """How hard the picture is in each way, 0 to 1."""

    between: float
    hidden: float
    small: float
    blurred: float
    dim: float


def render(
    rng: np.random.Generator,
    label: str,
    width: int,
    height: int,
    difficulty: float = 0.0,
    grain: bool = True,
) -> NDArray[np.uint8]:
    """One picture of the class: uint8, shape (height, width, 3), BGR; the same rng gives the same.

    difficulty: 0 plain to see; 1 half hidden, between two classes, tiny, out of focus or dim.
    grain: with the sensor's noise; without it for a caller that moves the picture first.
    """
    if label not in CLASSES:
        raise ValueError(f"there is no class {label!r}: use one of {', '.join(CLASSES)}")
    if not 0 <= difficulty <= 1:
        raise ValueError(f"difficulty is between 0 and 1, not {difficulty}")
    hardship = _hardship(rng, difficulty)
    subject = Subject(label, hardship.between, hardship.hidden, hardship.small, _sun(rng))
    canvas = np.zeros((height, width, 3), np.float32)
    paint_glasshouse(canvas, rng)
    scene = paint_table if rng.random() < 0.4 else paint_vine
    scene(canvas, rng, subject)
    return photograph(canvas, rng, _exposure(rng, hardship, grain))


def _hardship(rng: np.random.Generator, difficulty: float) -> _Hardship:
    """One way is as hard as asked, the others less."""
    shares = difficulty * rng.uniform(0, 0.6, 5)
    shares[rng.integers(5)] = difficulty
    return _Hardship(*(float(share) for share in shares))


def _sun(rng: np.random.Generator) -> NDArray[np.float32]:
    towards = np.array((rng.uniform(-0.7, 0.7), rng.uniform(-0.8, -0.4), rng.uniform(0.5, 0.8)))
    return np.asarray(towards / np.linalg.norm(towards), np.float32)


def _exposure(rng: np.random.Generator, hardship: _Hardship, grain: bool) -> Exposure:
    return Exposure(
        brightness=rng.uniform(1.25, 2.0) * 0.07**hardship.dim,
        warmth=rng.uniform(-0.6, 0.8),
        dapple=rng.uniform(0.05, 0.5),
        blur=0.02 * hardship.blurred * rng.uniform(0.7, 1.2),
        grain=(rng.uniform(1.0, 3.0) + 5 * hardship.dim) * grain,
    )
