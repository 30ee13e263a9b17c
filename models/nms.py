"""Keeps the best of the boxes that overlap, as every detector needs after its network."""

import numpy as np
from numpy.typing import NDArray

AT_ONCE = 64
"""So many boxes are compared with each other in one go."""


def best_of_overlapping(
    corners: NDArray[np.float64], scores: NDArray[np.float64], max_iou: float
) -> list[int]:
    """Indices of the boxes to keep, best first.

    corners: (n, 4) as x1, y1, x2, y2; scores: (n,). A box goes when a better one that stays
    overlaps it by more than max_iou (intersection over union).
    """
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    for start in range(0, len(order), AT_ONCE):
        left = order[start : start + AT_ONCE]
        boxes = corners[left]
        free = (iou(boxes[:, None], corners[kept]) <= max_iou).all(axis=1)
        overlapped = iou(boxes[:, None], boxes) > max_iou
        for number in range(len(left)):
            if free[number]:
                kept.append(int(left[number]))
                free &= ~overlapped[number]
    return kept


def iou(box: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of one box (..., 4) with each of the others (n, 4)."""
    corners = np.minimum(box[..., 2:], others[:, 2:]) - np.maximum(box[..., :2], others[:, :2])
    shared = np.maximum(corners, 0.0)
    intersection = shared[..., 0] * shared[..., 1]
    union = _area(box) + _area(others) - intersection
    return np.asarray(intersection / union)


def _area(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    sides = boxes[..., 2:] - boxes[..., :2]
    return np.asarray(sides[..., 0] * sides[..., 1])
