"""Masks videos one after another: one alone keeps the whole machine busy."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

from masking.settings import MaskingSettings
from models.faces import OpenedDetector
from vision_app.faces.live_detector import open_live
from vision_app.mask.report import End, Report, Unmasked
from vision_app.mask.video import mask_video
from vision_app.mask.walk import Task
from vision_app.weights import Weights

WAIT_S = 0.5

Follow = Callable[[Task, int, "int | None"], None]
"""Hears how many frames of a video are done, and of how many, where that is known."""


class Videos:
    """What `Work` calls for a video. Threads may share it: their videos take turns.

    Its detectors are opened for the first video, and looks at so many frames at once.
    `close` may be called twice.
    """

    def __init__(
        self,
        settings: MaskingSettings,
        weights: Weights,
        count: int,
        audio: bool,
        stop: Event,
        follow: Follow,
    ) -> None:
        every = settings.detect_every or 1  # nobody waits, so none is left to tracking unasked
        self._settings = settings.model_copy(update={"detect_every": every})
        self._weights, self._count = weights, count
        self._audio, self._stop, self._follow = audio, stop, follow
        self._turn = Lock()
        self._opened: tuple[OpenedDetector, ...] = ()

    def __call__(self, task: Task) -> Report:
        """Raises Unmasked, ProgramMissing, or ModelError where no detector can be opened."""
        while not self._turn.acquire(timeout=WAIT_S):
            self._require_going()
        try:
            return mask_video(
                task.source,
                task.target,
                self._settings,
                self._detectors(),
                self._audio,
                lambda done, total: self._frame(task, done, total),
            )
        finally:
            self._turn.release()

    def close(self) -> None:
        """Frees the detectors."""
        for detector in self._opened:
            detector.close()

    def _detectors(self) -> Sequence[OpenedDetector]:
        if not self._opened:
            live, first = open_live(self._settings, self._weights)
            with ThreadPoolExecutor(self._count) as threads:
                more = [threads.submit(live.open) for _ in range(self._count - 1)]
            self._opened = (first, *(one.result() for one in more))
        return self._opened

    def _frame(self, task: Task, done: int, total: int | None) -> None:
        self._require_going()
        self._follow(task, done, total)

    def _require_going(self) -> None:
        if self._stop.is_set():
            raise Unmasked(End.STOPPED, "the command was stopped before it was done")
