"""Gets the face detectors, from the cache or the catalogue, and hands them to the maskers."""

import logging
from collections.abc import Callable, Sequence
from enum import Enum

from masking.masker import Masker
from masking.second_look import SecondLook
from masking.settings import MaskingSettings
from models.errors import ModelError
from models.faces import OpenedDetector
from models.free_memory import give_back, unmap_code
from models.settings import CatalogueSettings
from vision_app.faces.live_detector import Live, open_live
from vision_app.faces.second_detectors import SecondDetectors, open_second_detectors
from vision_app.machine.opencv_pool import keep_to_one_thread
from vision_app.retry import DOWNLOAD, Retry
from vision_app.weights import HURRY_S, Weights

log = logging.getLogger("vision_app")

READY_S = 3600.0
REST_S = 10.0
"""Networks that look at kept frames only are freed when for so long no frame was to be kept."""
NOT_YET = "the face detector is not loaded yet; frames are redacted whole"


class Found(str, Enum):
    """Whether there is a detector for everything."""

    READY = "ready"
    MISSING = "missing"


class Detection:
    """Until the detector is here, every frame is redacted whole; until those of the second look
    are, none is kept. What is missing is tried again and again; who looks at every frame stays.

    rest_s: when no frame was to be kept for so long, the networks of the second look are freed.
    problem: why no frame is masked. lack: who of the second look is missing, or why there is none.
    """

    def __init__(
        self,
        settings: MaskingSettings,
        catalogue: CatalogueSettings,
        maskers: Sequence[Masker],
        say: Callable[[str], None] = log.info,
        rest_s: float = REST_S,
    ) -> None:
        self._settings, self._maskers, self._say = settings, maskers, say
        self._catalogue, self._weights = catalogue, Weights(catalogue, say, HURRY_S)
        self._retry, self._rest_s = Retry(DOWNLOAD), rest_s
        self._live: Live | None = None
        self._bulky: OpenedDetector | None = None
        self._started = False
        self._seconds: SecondDetectors | None = None
        self.second_look: SecondLook | None = None
        self.problem = NOT_YET if maskers else ""
        self.lack = ""
        self.wait_s = 0.0

    def step(self) -> Found:
        """Tries to get what is not here yet, if any camera needs it."""
        if not self._maskers:
            self.wait_s = READY_S
            return Found.READY
        if self._live is None:
            self._begin()
        if self._live is not None and (self.second_look is None or self.lack):
            self._look_again(self._live)
        if self._live is not None and self._bulky is not None:
            self._renew(self._live, self._bulky)
        self._weights = Weights(self._catalogue, log.debug)
        if self._seconds is not None:
            self._seconds.rest(self._rest_s)
        give_back()
        if self.problem or self.lack:
            self.wait_s = self._retry.failed()
            return Found.MISSING
        if not self._started:
            self._started = True
            unmap_code()
        self.wait_s = self._rest_s / 2
        return Found.READY

    def close(self) -> None:
        """Ends the second look's threads."""
        if self.second_look is not None:
            self.second_look.close()

    def _begin(self) -> None:
        """Each camera has its own network: one that hangs holds up no other camera."""
        try:
            live, first = open_live(self._settings, self._weights)
            opened = [first, *(live.open() for _ in self._maskers[1:])]
        except ModelError as error:
            self.problem = f"no face detector, so frames are redacted whole: {error}"
            log.warning(self.problem)
            return
        for masker, detector in zip(self._maskers, opened, strict=True):
            masker.every = live.every
            masker.detector = detector
        keep_to_one_thread(first.id.backend)
        self._live, self.problem = live, ""
        self._bulky = first if live.bulky else None
        self._tell(f"face detector {live.told(first, self._settings.budget_ms)}", live.passed_over)

    def _look_again(self, live: Live) -> None:
        """Opens a second look, and takes it if it has what the former lacks."""
        try:
            found = open_second_detectors(live.detector, self._settings, self._weights, lean=True)
        except ModelError as error:
            self._complain(f"no second look, so no frame is kept: {error}")
            return
        lack, former = "; ".join(found.lacks), self.second_look
        if former is not None and lack == self.lack:
            return
        self.second_look, self._seconds = found.second_look(self._settings), found
        if former is not None:
            former.close()
        self._tell(found.told, [why for why in found.passed_over if why not in live.passed_over])
        self._complain(lack)

    def _renew(self, live: Live, bulky: OpenedDetector) -> None:
        """A fresh network in place of the first, for which nobody waits now as at the start."""
        self._bulky = None
        try:
            self._maskers[0].detector = live.open()
        except ModelError as error:
            log.debug("the face detector stays as it was tried at several sizes: %s", error)
        else:
            bulky.close()

    def _tell(self, what: str, passed_over: Sequence[str]) -> None:
        for why in passed_over:
            self._say(f"passed over: {why}")
        self._say(what)

    def _complain(self, lack: str) -> None:
        if lack and lack != self.lack:
            log.warning(lack)
        self.lack = lack
