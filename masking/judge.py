"""Looks at a masked picture exactly as it would be kept, and has the last word."""

import numpy as np
from numpy.typing import NDArray

from masking.covering import also_covered
from masking.errors import LookFailed, Withheld
from masking.guard import Failed, guarded
from masking.masked_frame import MaskedFrame, look
from masking.settings import MaskingSettings
from models.faces import FaceDetector


class Judge:
    """A detector that had no part in the masking. `close` may be called twice."""

    def __init__(self, detector: FaceDetector, settings: MaskingSettings) -> None:
        self._guard = guarded(detector, settings)

    def vouch(self, masked: MaskedFrame, stored: NDArray[np.uint8]) -> MaskedFrame:
        """Looks at a frame as it would be stored: decoded from its file, uint8 BGR.

        The same pixels when no face shows; else they are covered, and the frame is to be encoded
        and judged again. Raises Withheld: a face shows for the second time; LookFailed.
        """
        if masked.receipt.treatment == "exempt":
            return masked
        answer = self._guard.find(stored)
        if isinstance(answer, Failed):
            raise LookFailed(f"the judge failed: {answer.why}")
        judged_before = any(one.role == "judge" for one in masked.receipt.looks)
        if answer.faces and judged_before:
            raise Withheld("a face shows even after it was covered twice")
        seen = look("judge", self._guard.detector, len(answer.faces))
        return also_covered(masked, answer.faces, (seen,))

    def close(self) -> None:
        """Ends the detector's thread."""
        self._guard.close()
