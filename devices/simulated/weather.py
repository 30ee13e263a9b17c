"""The weather around a greenhouse that does not exist: sun, clouds, warmth and moisture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Weather:
    """Samples at equal steps. hour: 0..24 of the day; sun: 0..1; temperature: C; water: g/m3."""

    hour: list[float]
    sun: list[float]
    temperature: list[float]
    water: list[float]


def weather(random: np.random.Generator, count: int, every_s: float, start_h: float) -> Weather:
    """`count` samples, the first at start_h hours from midnight; no two days are alike."""
    hour = start_h + np.arange(count) * every_s / 3600
    height = np.maximum(0.0, np.sin(np.pi * (hour % 24 - 6) / 12))
    clouds = np.clip(0.3 + 0.15 * _wander(random, count, every_s, 2400.0), 0.0, 0.8)
    warmth = 12.0 + 1.5 * _wander(random, count, every_s, 36_000.0)
    temperature = warmth + 5.0 * np.sin(2 * np.pi * (hour - 9) / 24)
    water = 6.5 + 0.6 * _wander(random, count, every_s, 36_000.0)
    sun = height * (1 - clouds)
    return Weather((hour % 24).tolist(), sun.tolist(), temperature.tolist(), water.tolist())


def _wander(
    random: np.random.Generator, count: int, every_s: float, memory_s: float
) -> NDArray[np.float64]:
    """Noise of mean 0 and deviation 1 that forgets itself within memory_s."""
    keep = float(np.exp(-every_s / memory_s))
    pushes = random.normal(0.0, np.sqrt(1 - keep * keep), count).tolist()
    value, out = float(random.normal()), []
    for push in pushes:
        value = keep * value + push
        out.append(value)
    return np.array(out)
