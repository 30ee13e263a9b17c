"""A face detector that is asked seldom: between times its network takes no memory."""

import time
from collections.abc import Callable
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from models.box import Box
from models.faces import OpenedDetector


class Resting:
    """Opens its network when it is asked, if it had been freed. Threads may share one.

    opens: opens the network, and proves it as always; raises ModelError. It is called at once, so
    that a detector which cannot run here is known as such before anybody needs it.
    """

    def __init__(
        self, opens: Callable[[], OpenedDetector], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._opens, self._clock = opens, clock
        self._turn = Lock()
        opened = opens()
        self._opened: OpenedDetector | None = opened
        self.id, self.threshold, self.side = opened.id, opened.threshold, opened.side
        self._used_s = clock()

    def detect(self, image: NDArray[np.uint8]) -> list[Box]:
        """As the detector; raises ModelError also when it cannot be opened again."""
        with self._turn:
            if self._opened is None:
                self._opened = self._opens()
                self.id = self._opened.id
            self._used_s = self._clock()
            return self._opened.detect(image)

    def rest(self, unused_s: float) -> bool:
        """Frees the network if nobody has asked for so long; whether it did."""
        with self._turn:
            if self._opened is None or self._clock() - self._used_s < unused_s:
                return False
            self._free()
            return True

    def at(self, max_side: int) -> OpenedDetector:
        """The same seeing pictures at another size; it rests by itself."""
        return Resting(lambda: self._opens().at(max_side), self._clock)

    def close(self) -> None:
        """Frees the network; may be called twice."""
        with self._turn:
            self._free()

    def _free(self) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None
