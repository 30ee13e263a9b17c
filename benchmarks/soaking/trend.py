"""Does a number grow with time?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Trend:
    """Of a straight line through the points: its slope in an hour, and the standard error of that.

    The error takes the points for independent, which samples of one process are not: it is a
    lower bound.
    """

    per_h: float
    error: float


def trend(at_s: Sequence[float], values: Sequence[float]) -> Trend:
    """By least squares. With fewer than three points nothing is known: the error has no end."""
    if len(at_s) < 3:
        return Trend(0.0, float("inf"))
    hours, ys = np.array(at_s) / HOUR_S, np.array(values, float)
    apart = hours - hours.mean()
    spread = float(apart @ apart)
    slope = float(apart @ ys) / spread
    left = ys - ys.mean() - slope * apart
    return Trend(slope, float(np.sqrt(left @ left / (len(ys) - 2) / spread)))


def grown(values: Sequence[float]) -> float:
    """Median of the last third less that of the first: 0 where there is nothing to compare."""
    third = len(values) // 3
    return float(np.median(values[-third:]) - np.median(values[:third])) if third else 0.0
