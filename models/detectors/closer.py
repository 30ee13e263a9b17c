"""Looks at a picture at three sizes, so that faces are found that a detector misses at one."""

from collections.abc import Iterator

import cv2
import numpy as np

from models.box import Box
from models.detectors.candidates import MAX_IOU
from models.detectors.picture import Image
from models.faces import FaceDetector
from models.nms import best_of_overlapping, corners_of

LARGEST_FACE = 64
"""Pixels, in the enlarged picture. What is larger was seen in the whole one; enlarged, large things
without a face look like one more often."""
OVERLAP = LARGEST_FACE * 3 // 2
"""Of neighbouring tiles, pixels: each face that counts lies in one of them wholly."""
EDGE = 1
"""Pixels; a box that comes closer to a tile's edge is cut by it."""
ENLARGED = 2.0
SMALLER = 0.75
"""Of the detector's side: what is doubtful at one size is often sure at another near it."""


class Closer:
    """A detector that also sees the picture at up to twice the size, in up to four tiles, and a
    large one smaller.

    It is a detector itself: six times the work, for faces of half the size, with no more memory.
    side: longer side of the enlarged picture at most.
    """

    def __init__(self, detector: FaceDetector) -> None:
        self._detector = detector
        self.id, self.threshold = detector.id, detector.threshold
        self.side = 2 * detector.side - OVERLAP

    def detect(self, image: Image) -> list[Box]:
        """Faces in an image (height, width, 3) uint8 BGR, in its pixels, best first."""
        boxes = [*self._detector.detect(image), *self._smaller(image), *self._enlarged(image)]
        corners = corners_of(boxes)
        scores = np.array([box.score for box in boxes])
        return [boxes[kept] for kept in best_of_overlapping(corners, scores, MAX_IOU)]

    def _smaller(self, image: Image) -> Iterator[Box]:
        scale = SMALLER * self._detector.side / max(image.shape[:2])
        if scale < 1:
            small = _resized(image, scale)
            for box in self._detector.detect(small):
                yield _placed(box, 0, 0, image, small)

    def _enlarged(self, image: Image) -> Iterator[Box]:
        large = _resized(image, min(ENLARGED, self.side / max(image.shape[:2])))
        for top in self._starts(large.shape[0]):
            for left in self._starts(large.shape[1]):
                tile = large[top : top + self._detector.side, left : left + self._detector.side]
                for box in self._detector.detect(np.asarray(tile, np.uint8)):
                    across = _whole(box.x1, box.x2, left, tile.shape[1], large.shape[1])
                    down = _whole(box.y1, box.y2, top, tile.shape[0], large.shape[0])
                    if across and down and min(box.x2 - box.x1, box.y2 - box.y1) <= LARGEST_FACE:
                        yield _placed(box, left, top, image, large)

    def _starts(self, length: int) -> tuple[int, ...]:
        side = self._detector.side
        return (0,) if length <= side else (0, length - side)


def _resized(image: Image, scale: float) -> Image:
    way = cv2.INTER_LINEAR if scale > 1 else cv2.INTER_AREA
    size = [max(1, round(side * scale)) for side in image.shape[1::-1]]
    return np.asarray(cv2.resize(image, size, interpolation=way), np.uint8)


def _whole(begin: float, end: float, start: int, side: int, length: int) -> bool:
    """Whether a box in a tile from start on, of this side, is not cut by it; a picture's own edge
    cuts nothing off that another tile would show."""
    return (start == 0 or begin >= EDGE) and (start + side == length or end <= side - EDGE)


def _placed(box: Box, left: int, top: int, image: Image, seen: Image) -> Box:
    """Where it lies in the image; it was found at (left, top) of what is the image, resized."""
    across, down = image.shape[1] / seen.shape[1], image.shape[0] / seen.shape[0]
    x1, x2 = (box.x1 + left) * across, (box.x2 + left) * across
    return Box(x1, (box.y1 + top) * down, x2, (box.y2 + top) * down, box.score)
