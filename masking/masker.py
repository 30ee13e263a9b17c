"""Makes a shareable picture of a raw frame: faces covered, or everything where that is not sure."""

import numpy as np
from numpy.typing import NDArray

from devices.frame import Frame
from masking.fill import blank, fill
from masking.guard import Failed, Found, Guard
from masking.masked_frame import Look, MaskedFrame, Receipt, Treatment, look
from masking.sealing import sealed
from masking.settings import MaskingSettings
from models.box import Box
from models.faces import FaceDetector


class Masker:
    """The masker of one camera. `close` may be called twice.

    Without a detector, or with one that breaks, hangs or talks nonsense, frames are redacted whole.
    exempt: why this camera needs no masking, from its configuration; None for every other camera.
    failures: frames redacted in a row; 0 after one that went well.
    every: the detector looks at every n-th frame.
    """

    def __init__(
        self, detector: FaceDetector | None, settings: MaskingSettings, exempt: str | None = None
    ) -> None:
        if exempt is not None and not exempt.strip():
            raise ValueError("an exempt camera needs a written reason")
        self.failures = 0
        self.every = settings.detect_every or 1
        self._settings = settings
        self._exempt = exempt
        self._guard: Guard | None = None
        self.detector = detector

    @property
    def detector(self) -> FaceDetector | None:
        """Who seeks the faces; may be set at any time, also from another thread."""
        return self._guard.detector if self._guard else None

    @detector.setter
    def detector(self, detector: FaceDetector | None) -> None:
        former = self._guard
        self._guard = Guard(detector, self._settings.timeout_s) if detector else None
        if former is not None:
            former.close()

    def mask(self, frame: Frame) -> list[MaskedFrame]:
        """Takes a frame of the camera and gives back those that are ready, oldest first."""
        return [self.mask_alone(frame)]

    def due(self, now_s: float) -> list[MaskedFrame]:
        """Those that have waited long enough for frames that do not come; now_s is monotonic."""
        return []

    def flush(self) -> list[MaskedFrame]:
        """All that still wait: no more frames will come."""
        return []

    def mask_alone(self, frame: Frame) -> MaskedFrame:
        """A frame that has none before and after it, such as a photograph.

        A read-only copy, faces covered; or wholly covered; or as it is, of an exempt camera.

        Never raises for a detector that fails: the receipt says what was done, and why.
        """
        if self._exempt is not None:
            receipt = self._receipt("exempt", (), (), self._exempt)
            return sealed(frame, _copy(frame.pixels), receipt)

        guard = self._guard
        if guard is None:
            return self._redacted(frame, Failed("there is no face detector"))
        answer = guard.find(frame.pixels)
        if isinstance(answer, Failed):
            return self._redacted(frame, answer)
        return self._covered(frame, guard, answer)

    def close(self) -> None:
        """Ends the detector's thread; a frame that still comes is redacted whole."""
        self.detector = None

    def _covered(self, frame: Frame, guard: Guard, found: Found) -> MaskedFrame:
        self.failures = 0
        pixels = _copy(frame.pixels)
        grown = (face.grown(self._settings.grow) for face in found.faces)
        fill(pixels, grown, self._settings.fill)
        looks = (look("live", guard.detector, len(found.faces)),)
        return sealed(frame, pixels, self._receipt("masked", found.faces, looks))

    def _redacted(self, frame: Frame, failed: Failed) -> MaskedFrame:
        self.failures += 1
        receipt = self._receipt("redacted", (), (), failed.why)
        return sealed(frame, blank(frame.height, frame.width), receipt)

    def _receipt(
        self,
        treatment: Treatment,
        faces: tuple[Box, ...],
        looks: tuple[Look, ...],
        reason: str = "",
    ) -> Receipt:
        settings = self._settings
        return Receipt(treatment, faces, looks, settings.fill, settings.grow, reason=reason)


def _copy(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A plain array with memory of its own, whatever the camera's buffer is."""
    return np.array(pixels, np.uint8, order="C", subok=False)
