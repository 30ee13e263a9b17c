"""Asks the face detector in a thread of its own: one that breaks or hangs holds up no camera."""

import logging
import queue
import threading
import traceback
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from masking.settings import MaskingSettings
from models.box import Box
from models.errors import ModelError
from models.faces import FaceDetector

USUAL_SIDE = 640
"""Pixels; settings.timeout_s is for this longer side of what a detector sees."""
MAX_FACES = 5_000
"""An answer with more is a broken detector, not a crowd."""
FARTHEST = 1e6
"""Pixels; a corner beyond is no place in a picture."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """The detector answered: these faces, perhaps none."""

    faces: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """Nobody knows where the faces are; why is a clause for the receipt."""

    why: str


class Guard:
    """One detector with a time limit per picture. `close` may be called twice.

    At most one picture is with the detector. While it hangs over one, the next are refused at once.
    Threads may share a guard: their calls take turns.
    """

    def __init__(self, detector: FaceDetector, timeout_s: float) -> None:
        self.detector = detector
        self._timeout_s = timeout_s
        self._turn = threading.Lock()
        self._asked: queue.SimpleQueue[NDArray[np.uint8] | None] = queue.SimpleQueue()
        self._answered: queue.SimpleQueue[Found | Failed] = queue.SimpleQueue()
        self._late = False
        self._closed = False
        self._logged = ""
        self._thread = threading.Thread(target=self._serve, name="face-detector", daemon=True)
        self._thread.start()

    def find(self, image: NDArray[np.uint8]) -> Found | Failed:
        """Faces in an image (height, width, 3) uint8 BGR; never raises for a failing detector."""
        with self._turn:
            if self._closed:
                return Failed("the face detector is closed")
            if self._still_hangs():
                return Failed("the face detector still hangs over an earlier frame")
            self._asked.put(image)
            return self._answer()

    def close(self) -> None:
        """Ends the thread; one that hangs is left behind, and ends when its call returns."""
        if not self._closed:
            self._closed = True
            self._asked.put(None)
        if not self._late:
            self._thread.join(self._timeout_s)

    def _answer(self) -> Found | Failed:
        try:
            return self._answered.get(timeout=self._timeout_s)
        except queue.Empty:
            self._late = True
            return Failed(f"the face detector took longer than {self._timeout_s:g} s")

    def _still_hangs(self) -> bool:
        """Whether a call that ran out of time is still running; its late answer is thrown away."""
        if self._late:
            try:
                self._answered.get_nowait()
                self._late = False
            except queue.Empty:
                pass
        return self._late

    def _serve(self) -> None:
        while (image := self._asked.get()) is not None:
            self._answered.put(self._ask(image))
            del image  # a raw frame is not kept until the next one comes

    def _ask(self, image: NDArray[np.uint8]) -> Found | Failed:
        try:
            return Found(_checked(self.detector.detect(image)))
        except ModelError as error:
            return Failed(str(error))
        except Exception as error:  # noqa: BLE001 - whatever breaks in there, the frame is covered
            return Failed(self._bug(error))

    def _bug(self, error: Exception) -> str:
        """Logs where it broke, unless it broke so before; not its text, which may quote pixels."""
        why = f"the face detector failed with {type(error).__name__}"
        if why != self._logged:
            _log.error("%s\n%s", why, "".join(traceback.format_tb(error.__traceback__)))
            self._logged = why
        return why


def guarded(detector: FaceDetector, settings: MaskingSettings) -> Guard:
    """One who looks closer than usual, and has more time where it looks at more pixels."""
    return Guard(detector, settings.timeout_s * max(1.0, detector.side / USUAL_SIDE) ** 2)


def _checked(answer: object) -> tuple[Box, ...]:
    if not isinstance(answer, list | tuple) or len(answer) > MAX_FACES:
        raise ModelError(f"the face detector's answer is not a list of up to {MAX_FACES} boxes")
    return tuple(_sound(box) for box in answer)


def _sound(box: Box) -> Box:
    """The box made anew from plain numbers, so that nothing strange travels into a receipt."""
    corners = (float(box.x1), float(box.y1), float(box.x2), float(box.y2))
    if not all(abs(corner) <= FARTHEST for corner in corners):
        raise ModelError("the face detector answered with a box that lies nowhere")
    return Box(*corners, float(box.score))
