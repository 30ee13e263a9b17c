"""Two detectors look at one picture; what both see counts sooner than what one sees alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from masking.guard import Failed, guarded
from masking.masked_frame import Look, Role, look
from masking.settings import MaskingSettings
from models.box import Box
from models.faces import FaceDetector
from models.nms import corners_of, ious

ALONE = 2.0
"""What one sees alone counts from so many times its threshold on."""
SAME_IOU = 0.3
"""Boxes that overlap by more than this (intersection over union) are one face."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """faces: what counts, once each, best first; their scores are means of both detectors', each
    weighed by what it must reach alone. first: how many of them the first detector saw."""

    faces: tuple[Box, ...]
    first: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What a pair saw, and who of them: of a face that both saw, the first."""

    faces: tuple[Box, ...]
    looks: tuple[Look, ...]


class Pair:
    """Two detectors, or one where there is no other. `close` may be called twice.

    enough: how sure two must be together: the parts that both reach of what each must reach alone,
    added. One by itself must reach that.
    """

    def __init__(
        self,
        first: FaceDetector,
        second: FaceDetector | None,
        roles: tuple[Role, Role],
        enough: float,
        settings: MaskingSettings,
    ) -> None:
        self._guards = [guarded(one, settings) for one in (first, second) if one is not None]
        self._roles, self._enough = roles, enough if second is not None else 1.0

    def find(self, pixels: NDArray[np.uint8]) -> Seen | Failed:
        """Faces in pixels (height, width, 3) uint8 BGR; Failed when one of the two fails."""
        found: list[tuple[Box, ...]] = []
        for guard in self._guards:
            answer = guard.find(pixels)
            if isinstance(answer, Failed):
                return answer
            found.append(answer.faces)
        alone = [ALONE * guard.detector.threshold for guard in self._guards]
        return self._seen(agreed(found, alone, self._enough))

    def close(self) -> None:
        """Ends the detectors' threads."""
        for guard in self._guards:
            guard.close()

    def _seen(self, agreed: Agreed) -> Seen:
        counts = (agreed.first, len(agreed.faces) - agreed.first)
        looks = zip(self._roles, self._guards, counts, strict=False)
        return Seen(agreed.faces, tuple(look(role, by.detector, n) for role, by, n in looks))


def agreed(found: Sequence[Sequence[Box]], alone: Sequence[float], enough: float) -> Agreed:
    """The faces of which detectors are sure together.

    found: of each detector its boxes. alone: the score that each must reach where no other sees
    the face. A detector is as sure as the part of it that its score reaches.
    """
    boxes = [box for faces in found for box in faces]
    by = np.repeat(np.arange(len(found)), [len(faces) for faces in found])
    sure = np.array([box.score for box in boxes]) / np.array(alone)[by]
    most = sum(1 / score for score in alone)

    faces, of_first = [], 0
    for group in _same(boxes, sure):
        if sure[group[0]] * len(found) < enough:
            break  # nor does any other reach it, for it is the surest of all that are left
        together = sum(
            float(sure[group[by[group] == one]].max(initial=0)) for one in range(len(found))
        )
        if together >= enough:
            faces.append(_scored(boxes[group[0]], together / most))
            of_first += bool((by[group] == 0).any())
    return Agreed(tuple(sorted(faces, key=lambda face: -face.score)), of_first)


def _same(boxes: Sequence[Box], sure: NDArray[np.float64]) -> Iterator[NDArray[np.intp]]:
    """Which boxes are about one face, the surest one first."""
    corners = corners_of(boxes)
    order = np.argsort(-sure, kind="stable")
    left = np.ones(len(order), bool)
    for best, overlap in enumerate(ious(corners[order], corners[order])):
        if left[best]:
            same = overlap > SAME_IOU
            same[best] = True
            yield order[left & same]
            left &= ~same


def _scored(box: Box, score: float) -> Box:
    return Box(box.x1, box.y1, box.x2, box.y2, score)
