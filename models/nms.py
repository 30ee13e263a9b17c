"""Keeps the best of the boxes that overlap, as every detector needs after its network."""

import numpy as np
from numpy.typing import NDArray


def best_of_overlapping(
    corners: NDArray[np.float64], scores: NDArray[np.float64], max_iou: float
) -> list[int]:
    """Indices of the boxes to keep, best first.

    corners: (n, 4) as x1, y1, x2, y2; scores: (n,). A box goes when a better one that stays
    overlaps it by more than max_iou (intersection over union).
    """
    left = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while left.size:
        best, rest = left[0], left[1:]
        kept.append(int(best))
        left = rest[iou(corners[best], corners[rest]) <= max_iou]
    return kept


def iou(box: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of one box (4,) with each of the others (n, 4)."""
    shared = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    intersection = np.prod(np.maximum(shared, 0.0), axis=1)
    union = np.prod(box[2:] - box[:2]) + np.prod(others[:, 2:] - others[:, :2], axis=1)
    return np.asarray(intersection / (union - intersection))
