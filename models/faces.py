"""What a face detector is, and the table of those that we have."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.box import Box
from models.prediction import ModelId

DETECTORS: Mapping[str, str] = {
    "centerface": "models.detectors.centerface:CenterFace",
}


class FaceDetector(Protocol):
    """Finds faces in one picture."""

    @property
    def id(self) -> ModelId:
        """Which detector, with the hash of its weights."""

    def detect(self, image: NDArray[np.uint8]) -> list[Box]:
        """Faces in an image (height, width, 3) uint8 BGR, in its pixels, best first.

        Raises ModelError when the network cannot be run.
        """


def open_detector(name: str, weights: Path, threshold: float, max_side: int) -> FaceDetector:
    """The named detector with its weights loaded.

    threshold: score from which a detection is a face. max_side: longer side of what it sees.
    Raises ModelError when it cannot run here.
    """
    module, _, kind = DETECTORS[name].partition(":")
    detector: FaceDetector = getattr(import_module(module), kind)(weights, threshold, max_side)
    return detector
