"""Looks again, and closer, at a masked picture that is about to be kept."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from masking.errors import Withheld
from masking.fill import fill
from masking.guard import Failed, Guard
from masking.masked_frame import MaskedFrame, Role, look
from masking.sealing import sealed
from masking.settings import MaskingSettings
from models.box import Box
from models.faces import FaceDetector

USUAL_SIDE = 640
"""Pixels; settings.timeout_s is for this longer side of what a detector sees."""


class SecondLook:
    """Covers what the first look missed, and withholds what nobody can vouch for.

    again: the first detector, closer: at settings.second_look_side. second: another one, or None.
    judge: an independent one. `close` may be called twice.
    """

    def __init__(
        self,
        again: FaceDetector,
        second: FaceDetector | None,
        judge: FaceDetector,
        settings: MaskingSettings,
    ) -> None:
        self._settings = settings
        self._again, self._judge = _guarded(again, settings), _guarded(judge, settings)
        self._second = _guarded(second, settings) if second else None

    def look(self, masked: MaskedFrame) -> MaskedFrame:
        """The frame with what was found now covered as well; that of an exempt camera untouched.

        Raises Withheld: a detector failed, or the frame is redacted.
        """
        if masked.receipt.treatment == "exempt":
            return masked
        if masked.redacted:
            raise Withheld(f"redacted whole, nothing to see: {masked.receipt.reason}")
        once = self._seen(masked, "again", self._again)
        return self._seen(once, "second", self._second) if self._second else once

    def vouch(self, masked: MaskedFrame, stored: NDArray[np.uint8]) -> MaskedFrame:
        """The judge looks at the picture as it will be stored: decoded from its JPEG, uint8 BGR.

        The same pixels when no face shows; else they are covered, and the frame is to be encoded
        and judged again. Raises Withheld: a face shows for the second time, or the judge failed.
        """
        if masked.receipt.treatment == "exempt":
            return masked
        before = [look for look in masked.receipt.looks if look.role == "judge"]
        judged = self._seen(masked, "judge", self._judge, stored)
        if before and judged.receipt.looks[-1].found:
            raise Withheld("a face shows even after it was covered twice")
        return judged

    def close(self) -> None:
        """Ends the detectors' threads."""
        for guard in (self._again, self._second, self._judge):
            if guard is not None:
                guard.close()

    def _seen(
        self, masked: MaskedFrame, role: Role, guard: Guard, stored: NDArray[np.uint8] | None = None
    ) -> MaskedFrame:
        """The frame with what a detector finds in it, or in what is stored of it, covered."""
        missed = _find(guard, masked.pixels if stored is None else stored)
        receipt = masked.receipt
        looks = (*receipt.looks, look(role, guard.detector, len(missed)))
        seen = replace(receipt, faces=receipt.faces + missed, looks=looks)
        return sealed(masked, self._covered(masked.pixels, missed), seen)

    def _covered(self, pixels: NDArray[np.uint8], faces: tuple[Box, ...]) -> NDArray[np.uint8]:
        if not faces:
            return pixels
        covered = pixels.copy()
        fill(covered, (face.grown(self._settings.grow) for face in faces), self._settings.fill)
        return covered


def _find(guard: Guard, pixels: NDArray[np.uint8]) -> tuple[Box, ...]:
    answer = guard.find(pixels)
    if isinstance(answer, Failed):
        raise Withheld(f"the second look failed: {answer.why}")
    return answer.faces


def _guarded(detector: FaceDetector, settings: MaskingSettings) -> Guard:
    """With more time where it looks at more pixels."""
    return Guard(detector, settings.timeout_s * max(1.0, detector.side / USUAL_SIDE) ** 2)
