"""Who looks at photographs in tests: the real masker and judge, with detectors told what to say."""

from collections.abc import Callable

import numpy as np

from masking.judge import Judge
from masking.photograph import PhotographMasker
from masking.settings import MaskingSettings
from models.box import Box
from models.faces import FaceDetector
from tests.masking.stand_ins import Detector, Image, finds
from vision_app.mask.looks import Looks

SETTINGS = MaskingSettings()
FACE = Box(30, 20, 60, 56, 0.9)
"""Of a picture of 120x90, and no nearer than the cover's growth to its edges."""
NOTHING = finds()


def scene() -> Image:
    """120x90 and darker than any cover everywhere."""
    rough = np.random.default_rng(3).integers(20, 160, (9, 12, 3), np.uint8)
    return np.kron(rough, np.ones((10, 10, 1), np.uint8))


def looks(first: FaceDetector = NOTHING, judge: FaceDetector = NOTHING) -> Looks:
    return Looks(PhotographMasker(first, None, SETTINGS), Judge(judge, SETTINGS))


def breaks() -> Detector:
    """One that fails at every picture."""

    def broken(image: Image) -> list[Box]:
        raise ZeroDivisionError

    return Detector(broken)


def sees_a_face_only(times: int) -> Detector:
    """One that finds a face in the first pictures, and then no more."""
    return Detector(_counted(times))


def _counted(times: int) -> Callable[[Image], list[Box]]:
    left = [FACE] * times
    return lambda image: [left.pop()] if left else []
