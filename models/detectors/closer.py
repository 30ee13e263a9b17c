"""Looks at a picture whole and enlarged, so that faces too small for a detector are found."""

from collections.abc import Iterator

import cv2
import numpy as np

from models.box import Box
from models.detectors.candidates import MAX_IOU
from models.detectors.picture import Image
from models.faces import FaceDetector
from models.nms import best_of_overlapping

LARGEST_FACE = 64
"""Pixels, in the enlarged picture. What is larger was seen in the whole one; enlarged, large things
without a face look like one more often."""
OVERLAP = LARGEST_FACE * 3 // 2
"""Of neighbouring tiles, pixels: each face that counts lies in one of them wholly."""
ENLARGED = 2.0


class Closer:
    """A detector that also sees the picture at up to twice the size, in up to four tiles.

    It is a detector itself: five times the work, for faces of half the size, with no more memory.
    side: longer side of the enlarged picture at most.
    """

    def __init__(self, detector: FaceDetector) -> None:
        self._detector = detector
        self.id, self.threshold = detector.id, detector.threshold
        self.side = 2 * detector.side - OVERLAP

    def detect(self, image: Image) -> list[Box]:
        """Faces in an image (height, width, 3) uint8 BGR, in its pixels, best first."""
        boxes = [*self._detector.detect(image), *self._small(image)]
        corners = np.array([(box.x1, box.y1, box.x2, box.y2) for box in boxes]).reshape(-1, 4)
        scores = np.array([box.score for box in boxes])
        return [boxes[kept] for kept in best_of_overlapping(corners, scores, MAX_IOU)]

    def _small(self, image: Image) -> Iterator[Box]:
        scale = min(ENLARGED, self.side / max(image.shape[:2]))
        large = cv2.resize(image, None, fx=scale, fy=scale, interpolation=_way(scale))
        for top in self._starts(large.shape[0]):
            for left in self._starts(large.shape[1]):
                tile = large[top : top + self._detector.side, left : left + self._detector.side]
                for box in self._detector.detect(np.asarray(tile, np.uint8)):
                    if min(box.x2 - box.x1, box.y2 - box.y1) <= LARGEST_FACE:
                        yield _placed(box, left, top, image.shape[1] / large.shape[1])

    def _starts(self, length: int) -> tuple[int, ...]:
        side = self._detector.side
        return (0,) if length <= side else (0, length - side)


def _way(scale: float) -> int:
    return cv2.INTER_LINEAR if scale > 1 else cv2.INTER_AREA


def _placed(box: Box, left: int, top: int, scale: float) -> Box:
    """Where it lies in the picture, of which the tile at (left, top) shows a part."""
    x1, x2 = (box.x1 + left) * scale, (box.x2 + left) * scale
    y1, y2 = (box.y1 + top) * scale, (box.y2 + top) * scale
    return Box(x1, y1, x2, y2, box.score)
