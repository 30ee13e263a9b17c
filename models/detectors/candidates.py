"""Faces that a network proposes: checked, those that overlap made one, brought into the picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.box import Box
from models.errors import ModelError
from models.nms import best_of_overlapping

Floats = NDArray[np.float64]
MAX_IOU = 0.3
SLACK = 0.01
"""A score may leave 0..1 by this much: runtimes round."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Proposals in pixels of what the network saw: corners (n, 4) x1, y1, x2, y2, scores (n,).

    Raises ModelError: one has no size, or an infinite one.
    """

    corners: Floats
    scores: Floats

    def __post_init__(self) -> None:
        corners = self.corners
        if not (np.isfinite(corners).all() and (corners[:, :2] < corners[:, 2:]).all()):
            raise ModelError("the network answered with a face of no size or an infinite one")

    def best(self) -> "Candidates":
        """Only the best of those that overlap, best first."""
        kept = best_of_overlapping(self.corners, self.scores, MAX_IOU)
        return Candidates(self.corners[kept], self.scores[kept])

    def boxes(self, scale: tuple[float, float], left: float = 0, top: float = 0) -> list[Box]:
        """The best in pixels of the picture, which lies at (left, top) in what the network saw.

        scale: pixels of the picture per pixel of that, across and down.
        """
        best = self.best()
        corners = (best.corners - (left, top, left, top)) * (*scale, *scale)
        rows = zip(corners.tolist(), best.scores.tolist(), strict=True)
        return [Box(x1, y1, x2, y2, score) for (x1, y1, x2, y2), score in rows]


def probabilities(values: NDArray[np.float32]) -> Floats:
    """Scores as they are, within 0..1; raises ModelError when they are none."""
    if not (abs(values - 0.5) < 0.5 + SLACK).all():
        raise ModelError("the network answered with numbers that make no sense")
    return np.clip(values.astype(np.float64), 0, 1)


def numbers(values: NDArray[np.float32]) -> Floats:
    """Any finite numbers; raises ModelError when one is not."""
    if not np.isfinite(values).all():
        raise ModelError("the network answered with numbers that make no sense")
    return values.astype(np.float64)
