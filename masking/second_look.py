"""Looks again, and closer, at a masked picture that is about to be kept."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from masking.errors import Withheld
from masking.fill import fill
from masking.guard import Failed, Guard
from masking.masked_frame import MaskedFrame
from masking.sealing import sealed
from masking.settings import MaskingSettings
from models.box import Box
from models.faces import FaceDetector

COVER_SHARE = 0.5
"""The second look covers what scores this share of the first look's threshold."""
VOUCH_SHARE = 0.75
"""A picture in which, as it will be stored, something scores this share of it is withheld."""


class SecondLook:
    """Covers what the first look missed, and withholds what it cannot vouch for.

    detector: one that sees more than the first: settings.second_look_side, and COVER_SHARE of
    settings.threshold. `close` may be called twice.
    """

    def __init__(self, detector: FaceDetector, settings: MaskingSettings) -> None:
        self._grow = settings.grow
        self._doubt = settings.threshold * VOUCH_SHARE
        self._guard = Guard(detector, settings.timeout_s * _more_pixels(settings))

    def look(self, masked: MaskedFrame) -> MaskedFrame:
        """The frame with what was found now covered as well; that of an exempt camera untouched.

        Raises Withheld: the detector failed, or the frame is redacted.
        """
        if masked.receipt.treatment == "exempt":
            return masked
        if masked.redacted:
            raise Withheld(f"redacted whole, nothing to see: {masked.receipt.reason}")

        missed = self._find(masked.pixels)
        pixels = self._covered(masked.pixels, missed) if missed else masked.pixels
        faces = masked.receipt.faces + missed
        return sealed(masked, pixels, replace(masked.receipt, faces=faces, second_look=len(missed)))

    def vouch(self, stored: NDArray[np.uint8]) -> None:
        """Looks at the picture as it will be stored: decoded from its JPEG, uint8 BGR.

        Compression can make a face of what was none before. Raises Withheld: a face shows even
        now, or the detector failed.
        """
        if any(face.score >= self._doubt for face in self._find(stored)):
            raise Withheld("a face shows even after the second look covered what it found")

    def close(self) -> None:
        """Ends the detector's thread."""
        self._guard.close()

    def _covered(self, pixels: NDArray[np.uint8], faces: tuple[Box, ...]) -> NDArray[np.uint8]:
        covered = pixels.copy()
        fill(covered, (face.grown(self._grow) for face in faces))
        return covered

    def _find(self, pixels: NDArray[np.uint8]) -> tuple[Box, ...]:
        answer = self._guard.find(pixels)
        if isinstance(answer, Failed):
            raise Withheld(f"the second look failed: {answer.why}")
        return answer.faces


def _more_pixels(settings: MaskingSettings) -> float:
    """How many times more pixels the second look has to work through than the first."""
    return max(1.0, settings.second_look_side / settings.max_side) ** 2
