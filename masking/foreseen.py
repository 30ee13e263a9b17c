"""A face detector that knows which pictures come next, and looks at several of them at once."""

import queue
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from devices.frame import Frame
from models.box import Box
from models.faces import FaceDetector

Image = NDArray[np.uint8]


class Foreseen:
    """detectors: the same one several times; each looks at one picture at a time.

    What a look raises is raised when its picture is asked for. `close` may be called twice.
    """

    def __init__(self, detectors: Sequence[FaceDetector]) -> None:
        self.id = detectors[0].id
        self.threshold = detectors[0].threshold
        self.side = detectors[0].side
        self._idle: queue.SimpleQueue[FaceDetector] = queue.SimpleQueue()
        for detector in detectors:
            self._idle.put(detector)
        self._threads = ThreadPoolExecutor(len(detectors), "foreseen")
        self._looks: deque[tuple[Image, Future[list[Box]]]] = deque()

    def foresee(self, frame: Frame) -> None:
        """Begins to look at it; frames are asked for in the same order, or left out."""
        self._looks.append((frame.pixels, self._threads.submit(self._look, frame.pixels)))

    def detect(self, image: Image) -> list[Box]:
        """The faces of a picture that was foreseen, or of any other; raises as a detector does."""
        if not any(seen is image for seen, _ in self._looks):
            return self._look(image)
        while True:
            seen, faces = self._looks.popleft()
            if seen is image:
                return faces.result()

    def close(self) -> None:
        """Ends the threads; the detectors remain open."""
        self._looks.clear()
        self._threads.shutdown(cancel_futures=True)

    def _look(self, image: Image) -> list[Box]:
        detector = self._idle.get()
        try:
            return detector.detect(image)
        finally:
            self._idle.put(detector)
