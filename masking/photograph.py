"""Masks photographs: nobody waits for one and none comes after it, so each is looked at closely."""

import numpy as np

from devices.frame import Frame
from masking.fill import blank, fill
from masking.guard import Failed
from masking.masked_frame import Look, MaskedFrame, Receipt, Treatment
from masking.pair import Pair, Seen
from masking.sealing import sealed
from masking.settings import MaskingSettings
from models.box import Box
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
            receipt = self._receipt("redacted", (), (), seen.why)
            return sealed(frame, blank(frame.height, frame.width), receipt)
        return self._covered(frame, seen)

    def close(self) -> None:
        """Ends the detectors' threads."""
        self._pair.close()

    def _covered(self, frame: Frame, seen: Seen) -> MaskedFrame:
        settings = self._settings
        pixels = np.array(frame.pixels, np.uint8, order="C", subok=False)
        fill(pixels, (face.grown(settings.grow) for face in seen.faces), settings.fill)
        return sealed(frame, pixels, self._receipt("masked", seen.faces, seen.looks))

    def _receipt(
        self,
        treatment: Treatment,
        faces: tuple[Box, ...],
        looks: tuple[Look, ...],
        reason: str = "",
    ) -> Receipt:
        settings = self._settings
        return Receipt(treatment, faces, looks, settings.fill, settings.grow, reason=reason)
