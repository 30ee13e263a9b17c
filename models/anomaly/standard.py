"""Brings signals of different units onto one scale: 0 is usual, 1 the usual deviation from it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.anomaly.features import LEVELS, USUAL, Feature, is_log
from models.anomaly.moments import Vector

_FLOOR = 0.05
"""Deviations below this share of the usual are alike."""
_STILL = 1e-6
"""Of a signal's level: the scale of a feature that never changed, so that any change shows."""
_NOISE = 0.15
"""Levels that differ by less than this share of a signal's own noise are hardly different."""
_REACH = 30.0
"""Of the middle half's width: what is further out does not stretch the scale."""


class Standard:
    """Features as a model sees them.

    mean, scale: float64, shape (features × signals,). floor: float64, shape (signals,). All finite.
    A feature m becomes (m − mean) / scale, one that is seen as its logarithm
    (ln(m + floor) − mean) / scale. Of signals whose level wanders, levels are left out.
    """

    def __init__(
        self,
        mean: Vector,
        scale: Vector,
        floor: Vector,
        features: Sequence[Feature] = USUAL,
        wandering: Sequence[int] = (),
    ) -> None:
        """wandering: indices of the signals of which only what is no level is looked at."""
        size = floor.size
        if floor.shape != (size,) or mean.shape != (len(features) * size,) or not size:
            raise ValueError("mean and scale have a number for every feature of every one of floor")
        if scale.shape != mean.shape:
            raise ValueError("mean and scale have the same length")
        if not all(np.isfinite(part).all() for part in (mean, scale, floor)):
            raise ValueError("mean, scale and floor are finite")
        if not ((scale > 0).all() and (floor > 0).all()):
            raise ValueError("scale and floor are above 0")
        self.mean, self.scale, self.floor, self.features = mean, scale, floor, tuple(features)
        logs = [kind for kind, name in enumerate(features) if is_log(name)]
        self._logs = [slice(kind * size, (kind + 1) * size) for kind in logs]
        self._used = np.array(
            [
                kind * size + signal
                for kind, name in enumerate(features)
                for signal in range(size)
                if name not in LEVELS or signal not in wandering
            ]
        )

    @property
    def signal_of(self) -> NDArray[np.intp]:
        """The index of the signal that each standardised column belongs to."""
        return np.asarray(self._used % self.floor.size)

    @property
    def kind_of(self) -> NDArray[np.intp]:
        """The index of the feature that each standardised column is of."""
        return np.asarray(self._used // self.floor.size)

    @staticmethod
    def of(
        rows: NDArray[np.float64],
        features: Sequence[Feature] = USUAL,
        wandering: Sequence[int] = (),
    ) -> "Standard":
        """Of a window's features in training, shape (rows, features × signals), each known in some
        row; the first two of them are those of USUAL."""
        size = rows.shape[1] // len(features)
        means, noise = _tamed(rows[:, :size]), np.nanmedian(rows[:, size : 2 * size], axis=0)
        still = np.maximum(_STILL * np.abs(np.nanmean(means, axis=0)), 1e-12)
        floor = np.maximum(_FLOOR * (np.nanstd(means, axis=0) + noise), still)
        width = rows.shape[1]
        plain = Standard(np.zeros(width), np.ones(width), floor, features)
        seen = _tamed(plain.seen(rows))
        level = [_NOISE * noise if name in LEVELS else np.zeros(size) for name in features]
        least = [np.full(size, _FLOOR) if is_log(name) else still for name in features]
        scale = np.maximum(
            np.hypot(np.nanstd(seen, axis=0), np.concatenate(level)), np.concatenate(least)
        )
        return Standard(np.nanmean(seen, axis=0), scale, floor, features, wandering)

    def seen(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Features, a vector or rows of them, with logarithms where they are asked for."""
        seen = rows.copy()
        for part in self._logs:
            seen[..., part] = np.log(rows[..., part] + self.floor)
        return seen

    def apply(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Standardised, a vector or rows of them; what is unknown becomes 0, so it never alarms."""
        z = (self.seen(rows) - self.mean) / self.scale
        if len(self._used) < self.mean.size:
            z = z[..., self._used]
        z[np.isnan(z)] = 0.0
        return z


def _tamed(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Without single numbers so far off that nothing else would count beside them."""
    low, middle, high = np.nanquantile(columns, (0.25, 0.5, 0.75), axis=0)
    reach = np.where(high > low, _REACH * (high - low), np.inf)
    return np.clip(columns, middle - reach, middle + reach)
