"""Keeps the best of the boxes that overlap, as every detector needs after its network."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from models.box import Box

AT_ONCE = 64
"""So many boxes are compared with all others in one go: thousands of each would need gigabytes."""


def corners_of(boxes: Sequence[Box]) -> NDArray[np.float64]:
    """(n, 4) as x1, y1, x2, y2."""
    return np.array([(box.x1, box.y1, box.x2, box.y2) for box in boxes], np.float64).reshape(-1, 4)


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
        free = np.all(iou(boxes, corners[kept]) <= max_iou, axis=-1)
        overlapped = iou(boxes, boxes) > max_iou
        for number in range(len(left)):
            if free[number]:
                kept.append(int(left[number]))
                free &= ~overlapped[number]
    return kept


def iou(box: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of a box (4,), or of each of several (m, 4), with others (n, 4)."""
    left, top, right, below = (box[..., side, None] for side in range(4))
    x1, y1, x2, y2 = others.T
    across = np.maximum(np.minimum(right, x2) - np.maximum(left, x1), 0.0)
    down = np.maximum(np.minimum(below, y2) - np.maximum(top, y1), 0.0)
    union = (right - left) * (below - top) + (x2 - x1) * (y2 - y1) - across * down
    return np.asarray(across * down / union)


def ious(boxes: NDArray[np.float64], others: NDArray[np.float64]) -> Iterator[NDArray[np.float64]]:
    """For each of the boxes (m, 4) in turn its intersection over union with the others (n, 4)."""
    for start in range(0, len(boxes), AT_ONCE):
        yield from iou(boxes[start : start + AT_ONCE], others)
