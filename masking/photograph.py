"""Masks photographs: nobody waits for one and none comes after it, so each is looked at closely."""

from devices.frame import Frame
from masking.covering import covered, redacted
from masking.guard import Failed
from masking.masked_frame import MaskedFrame
from masking.pair import Pair
from masking.settings import MaskingSettings
from models.faces import FaceDetector

ENOUGH = 1.5
"""How sure the two must be together. In an open picture, faces of which they are less sure are
rare, and things that are no faces are not."""


class PhotographMasker:
    """Covers what two detectors see in the raw picture. `close` may be called twice.

    When one of them breaks, hangs or talks nonsense, the photograph is redacted whole.
    first, second: at their `cover` thresholds, best as `Closer`; second: None where there is no
    other.
    """

    def __init__(
        self, first: FaceDetector, second: FaceDetector | None, settings: MaskingSettings
    ) -> None:
        self._pair = Pair(first, second, ("live", "second"), ENOUGH, settings)
        self._settings = settings

    def mask_alone(self, frame: Frame) -> MaskedFrame:
        """A read-only copy, faces covered; or wholly covered, and the receipt says why."""
        seen = self._pair.find(frame.pixels)
        if isinstance(seen, Failed):
            return redacted(frame, seen.why, self._settings)
        return covered(frame, seen.faces, seen.looks, self._settings)

    def close(self) -> None:
        """Ends the detectors' threads."""
        self._pair.close()
