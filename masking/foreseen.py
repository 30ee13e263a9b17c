"""A face detector that knows which pictures come next, and looks at several of them at once."""

import queue
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from devices.frame import Frame
from models.box import Box
from models.faces import FaceDetector

Image = NDArray[np.uint8]


class Foreseen:
    """detectors: the same one several times; each looks at one picture at a time.

    most: so many frames are foreseen at a time; of more, the oldest is forgotten. What a look
    raises is raised when its picture is asked for. `close` may be called twice.
    """

    def __init__(self, detectors: Sequence[FaceDetector], most: int) -> None:
        self.id = detectors[0].id
        self.threshold = detectors[0].threshold
        self.side = detectors[0].side
        self._idle: queue.SimpleQueue[FaceDetector] = queue.SimpleQueue()
        for detector in detectors:
            self._idle.put(detector)
        self._threads = ThreadPoolExecutor(len(detectors), "foreseen")
        self._lock = Lock()
        self._looks: deque[tuple[Image, Future[list[Box]]]] = deque(maxlen=most)

    def foresee(self, frame: Frame) -> None:
        """Begins to look at it; frames are asked for in the same order, or not at all."""
        look = self._threads.submit(self._look, frame.pixels)
        with self._lock:
            self._looks.append((frame.pixels, look))

    def detect(self, image: Image) -> list[Box]:
        """The faces of a picture that was foreseen, or of any other; raises as a detector does."""
        look = self._begun(image)
        return look.result() if look else self._look(image)

    def close(self) -> None:
        """Ends the threads; the detectors remain open."""
        with self._lock:
            self._looks.clear()
        self._threads.shutdown(cancel_futures=True)

    def _begun(self, image: Image) -> "Future[list[Box]] | None":
        """The look at it, where it was foreseen; those before it are forgotten."""
        with self._lock:
            for place, (seen, look) in enumerate(self._looks):
                if seen is image:
                    for _ in range(place + 1):
                        self._looks.popleft()
                    return look
        return None

    def _look(self, image: Image) -> list[Box]:
        detector = self._idle.get()
        try:
            return detector.detect(image)
        finally:
            self._idle.put(detector)
