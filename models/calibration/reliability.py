"""How far what a classifier is sure of agrees with how often it is right."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 15


@dataclass(frozen=True, slots=True)
class Bin:
    """The frames whose confidence lies above `low` and up to `high`; means are 0 without any."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def reliability(
    confidence: NDArray[np.float64], correct: NDArray[np.bool_], bins: int = BINS
) -> tuple[Bin, ...]:
    """Frames by confidence, in bins of equal width over 0-1; both arrays have shape (n,)."""
    place = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    counts = np.bincount(place, minlength=bins)
    some = np.maximum(counts, 1)
    means = np.bincount(place, confidence, bins) / some
    shares = np.bincount(place, correct, bins) / some
    return tuple(
        Bin(i / bins, (i + 1) / bins, int(counts[i]), float(means[i]), float(shares[i]))
        for i in range(bins)
    )


def expected_calibration_error(
    confidence: NDArray[np.float64], correct: NDArray[np.bool_], bins: int = BINS
) -> float:
    """ECE: the sum over bins b of n_b / n * |accuracy_b - confidence_b|, 0 for no frames.

    Source: Guo et al., On Calibration of Modern Neural Networks, 2017, equation 3.
    """
    rows = reliability(confidence, correct, bins)
    gaps = sum(row.count * abs(row.accuracy - row.confidence) for row in rows)
    return gaps / max(1, confidence.size)
