"""Of boxes that claim to hold faces: how many do, and how many faces they find."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.nms import iou
from tests.models.detectors.photographs import MIN_IOU, Photograph

Scored = NDArray[np.float64]
"""(n, 5): x1, y1, x2, y2, score."""


@dataclass(frozen=True, slots=True, eq=False)
class Finds:
    """Boxes of several photographs, surest first: scores, and whether each holds a face; those that
    hold an ignored one are left out. faces: how many are to be found."""

    scores: NDArray[np.float64]
    true: NDArray[np.bool_]
    faces: int

    @property
    def recall(self) -> float:
        return float(self.true.sum() / max(1, self.faces))

    @property
    def precision(self) -> float:
        return float(self.true.mean()) if self.true.size else 1.0

    @property
    def false(self) -> int:
        return int((~self.true).sum())

    def at_precision(self, precision: float) -> float:
        """The highest recall that a threshold on the scores gives with this precision."""
        found = np.cumsum(self.true)
        enough = found / np.arange(1, len(found) + 1) >= precision
        return float(found[enough].max(initial=0) / max(1, self.faces))


def finds(pairs: Iterable[tuple[Photograph, Scored]]) -> Finds:
    """What boxes are worth. A box counts for the face that it overlaps most, the surest first."""
    scores: list[float] = []
    true: list[bool] = []
    faces = 0
    for photograph, boxes in pairs:
        faces += int((~photograph.ignored).sum())
        free = np.ones(len(photograph.faces), bool)
        for box in boxes[np.argsort(-boxes[:, 4], kind="stable")]:
            overlaps = iou(box[:4], photograph.faces) * free
            face = int(overlaps.argmax()) if overlaps.size else -1
            holds = face >= 0 and bool(overlaps[face] >= MIN_IOU)
            if holds:
                free[face] = False
            if not holds or not photograph.ignored[face]:
                scores.append(float(box[4]))
                true.append(holds)
    order = np.argsort(-np.array(scores), kind="stable")
    return Finds(np.array(scores)[order], np.array(true, bool)[order], faces)
