"""Takes small things for faces at lower scores: small faces score low, and their covers are small.

What a detector sees of a face of a few pixels is little, in one frame more and in the next less.
Over pans along photographs a live path that took them from the usual threshold on exposed five
times as many. What is large and not a face lies in the way of far more pixels, and hardly any large
face scores low (`python -m benchmarks.privacy --part pan`).
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.box import Box
from models.faces import DETECTORS, DetectorName, OpenedDetector, open_detector

SMALL = 0.1
"""A face is small when its side, the root of its area, is up to this part of the picture's longer
side."""


class SmallSooner:
    """A detector whose small faces count sooner; `close` may be called twice.

    detector: opened at the threshold from which small faces are to count. threshold: of the others.
    """

    def __init__(self, detector: OpenedDetector, threshold: float) -> None:
        self._detector = detector
        self.id, self.side = detector.id, detector.side
        self.threshold = threshold

    def detect(self, image: NDArray[np.uint8]) -> list[Box]:
        """Faces in an image (height, width, 3) uint8 BGR, in its pixels, best first."""
        small = SMALL * max(image.shape[:2])
        return [
            box
            for box in self._detector.detect(image)
            if box.score >= self.threshold or _side(box) <= small
        ]

    def at(self, max_side: int) -> "SmallSooner":
        """The same network seeing pictures at another size; closing one closes both."""
        return SmallSooner(self._detector.at(max_side), self.threshold)

    def close(self) -> None:
        """Frees the network."""
        self._detector.close()


def open_small_sooner(
    name: DetectorName,
    weights: Path,
    threshold: float,
    max_side: int,
    threads: int | None = None,
    runtime: str = "auto",
) -> SmallSooner:
    """The named detector as it looks at every frame; as `open_detector`.

    threshold: of faces that are not small; that of small ones goes up and down with it.
    """
    small = DETECTORS[name].small / DETECTORS[name].threshold * threshold
    return SmallSooner(open_detector(name, weights, small, max_side, threads, runtime), threshold)


def _side(box: Box) -> float:
    return float(np.sqrt((box.x2 - box.x1) * (box.y2 - box.y1)))
