"""Looks again, and closer, at a masked picture that is about to be kept."""

import numpy as np
from numpy.typing import NDArray

from masking.covering import also_covered
from masking.errors import LookFailed, Withheld
from masking.guard import Failed
from masking.judge import Judge
from masking.masked_frame import MaskedFrame
from masking.pair import Pair
from masking.settings import MaskingSettings
from models.faces import FaceDetector

ENOUGH = 1.0
"""How sure the two must be together. Between covers, without what was around them, faces are seen
less surely than in an open picture."""


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
        self._pair = Pair(again, second, ("again", "second"), ENOUGH, settings)
        self._judge = Judge(judge, settings)

    def look(self, masked: MaskedFrame) -> MaskedFrame:
        """The frame with what was found now covered as well; that of an exempt camera untouched.

        Raises LookFailed: a detector failed; Withheld: the frame is redacted.
        """
        if masked.receipt.treatment == "exempt":
            return masked
        if masked.redacted:
            raise Withheld(f"redacted whole, nothing to see: {masked.receipt.reason}")
        seen = self._pair.find(masked.pixels)
        if isinstance(seen, Failed):
            raise LookFailed(f"the second look failed: {seen.why}")
        return also_covered(masked, seen.faces, seen.looks)

    def vouch(self, masked: MaskedFrame, stored: NDArray[np.uint8]) -> MaskedFrame:
        """The judge looks at the frame as it will be stored; as `Judge.vouch`."""
        return self._judge.vouch(masked, stored)

    def close(self) -> None:
        """Ends the detectors' threads."""
        self._pair.close()
        self._judge.close()
