"""Gets the face detector, from the cache or the catalogue, and hands it to the maskers."""

import logging
from collections.abc import Callable, Sequence
from enum import Enum
from pathlib import Path

from masking.masker import Masker
from masking.second_look import SecondLook
from masking.settings import MaskingSettings
from models.catalogue.pull import pull
from models.errors import ModelError
from models.faces import DETECTORS, DetectorName, FaceDetector, open_detector
from models.settings import CatalogueSettings
from vision_app.retry import DOWNLOAD, Retry

log = logging.getLogger("vision_app")

READY_S = 3600.0
SIDE = 640
NOT_YET = "the face detector is not loaded yet; frames are redacted whole"


class Found(str, Enum):
    """Whether there is a detector."""

    READY = "ready"
    MISSING = "missing"


class Detection:
    """Until the detector is here, every frame is redacted whole; it is tried again and again."""

    def __init__(
        self,
        settings: MaskingSettings,
        catalogue: CatalogueSettings,
        maskers: Sequence[Masker],
        say: Callable[[str], None] = log.info,
    ) -> None:
        self._settings, self._catalogue = settings, catalogue
        self._maskers, self._say = maskers, say
        self._retry = Retry(DOWNLOAD)
        self.second_look: SecondLook | None = None
        self.problem = NOT_YET if maskers else ""
        self.wait_s = 0.0

    def step(self) -> Found:
        """Tries to get the detector, unless it is there or no camera needs it."""
        if self.second_look is not None or not self._maskers:
            self.wait_s = READY_S
            return Found.READY
        try:
            self._hand_out(self._weights())
        except ModelError as error:
            self.problem = f"no face detector, so frames are redacted whole: {error}"
            log.warning(self.problem)
            self.wait_s = self._retry.failed()
            return Found.MISSING
        self.problem = ""
        return Found.READY

    def close(self) -> None:
        """Ends the second look's thread."""
        if self.second_look is not None:
            self.second_look.close()

    def _weights(self) -> Path:
        assert self._catalogue.cache is not None, "completed by config.complete"
        settings = self._catalogue
        return pull(self._name, self._catalogue.cache, settings.mirror, self._say)

    def _hand_out(self, weights: Path) -> None:
        """One network per camera and one for the second look: a hanging one holds up no other."""
        settings, kind = self._settings, DETECTORS[self._name]
        threshold = settings.threshold or kind.threshold
        for masker in self._maskers:
            masker.detector = self._detector(weights, threshold, settings.max_side or SIDE)
        again = self._detector(weights, kind.cover, settings.second_look_side)
        judge = self._detector(weights, kind.judge, settings.second_look_side)
        self.second_look = SecondLook(again, None, judge, settings)

    @property
    def _name(self) -> DetectorName:
        return "centerface" if self._settings.detector == "auto" else self._settings.detector

    def _detector(self, weights: Path, threshold: float, max_side: int) -> FaceDetector:
        return open_detector(self._name, weights, threshold, max_side)
