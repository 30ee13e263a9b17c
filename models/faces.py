"""What a face detector is, and the table of those that we have."""

from collections.abc import Mapping
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
