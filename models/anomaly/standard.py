"""Brings signals of different units onto one scale: 0 is usual, 1 the usual deviation from it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.anomaly.window import Vector

Feature = Literal["mean", "log_deviation"]
FEATURES: tuple[Feature, ...] = ("mean", "log_deviation")
"""What the model sees of each signal: all means, then the logarithms of all deviations, so that a
sensor that is stuck is as far from the usual as one that shakes."""

_FLOOR = 0.05
"""Deviations below this share of the usual are alike."""
_STILL = 1e-6
"""Of a signal's level: the scale of a feature that never changed, so that any change shows."""


@dataclass(frozen=True, slots=True, eq=False)
class Standard:
    """mean, scale: float64, shape (2 × signals,). floor: float64, shape (signals,). All finite.

    A window's mean m becomes (m − mean) / scale, its deviation d (ln(d + floor) − mean) / scale.
    """

    mean: Vector
    scale: Vector
    floor: Vector

    def __post_init__(self) -> None:
        size = self.floor.size
        if self.floor.shape != (size,) or self.mean.shape != (2 * size,) or not size:
            raise ValueError("mean and scale have two numbers for every one of floor")
        if self.scale.shape != self.mean.shape:
            raise ValueError("mean and scale have the same length")
        if not all(np.isfinite(part).all() for part in (self.mean, self.scale, self.floor)):
            raise ValueError("mean, scale and floor are finite")
        if not ((self.scale > 0).all() and (self.floor > 0).all()):
            raise ValueError("scale and floor are above 0")

    @staticmethod
    def of(rows: NDArray[np.float64]) -> "Standard":
        """Of a window's features in training, shape (rows, 2 × signals), each known in some row."""
        means, deviations = np.hsplit(rows, 2)
        still = np.maximum(_STILL * np.abs(np.nanmean(means, axis=0)), 1e-12)
        usual = np.nanstd(means, axis=0) + np.nanmedian(deviations, axis=0)
        floor = np.maximum(_FLOOR * usual, still)
        features = _features(rows, floor)
        scale = np.nanstd(features, axis=0)
        least = np.concatenate((still, np.full(floor.shape, _FLOOR)))
        return Standard(np.nanmean(features, axis=0), np.maximum(scale, least), floor)

    def apply(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Standardised, a vector or rows of them; what is unknown becomes 0, so it never alarms."""
        z = (_features(rows, self.floor) - self.mean) / self.scale
        return np.where(np.isnan(z), 0.0, z)


def _features(rows: NDArray[np.float64], floor: Vector) -> NDArray[np.float64]:
    means, deviations = rows[..., : floor.size], rows[..., floor.size :]
    return np.concatenate((means, np.log(deviations + floor)), axis=-1)
