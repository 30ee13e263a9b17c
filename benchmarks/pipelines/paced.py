"""A camera that delivers MJPEG at its own rate, as a webcam does, and waits for nobody."""

import math
import time
from collections import Counter
from collections.abc import Mapping, MutableMapping, Sequence
from datetime import datetime, timezone
from threading import Event

import numpy as np

from devices.closeable import Closeable
from devices.errors import NothingYet
from devices.frame import Frame
from devices.pixels import Layout, decode
from devices.settings import CameraSettings


class PacedCamera(Closeable):
    """Shows a film at settings.fps. A frame is captured when it is due, whoever reads when; of
    those that wait, the newest is held or read and decoded, as devices/cameras/v4l2.py does.

    running: while it is not set, nothing is filmed.
    decoded_ms: is told of each frame, by camera and number, what decoding took.
    losses: stale, frames of which a newer one was ready before anybody read.
    """

    def __init__(
        self,
        settings: CameraSettings,
        first_seq: int,
        jpegs: Sequence[bytes],
        running: Event,
        decoded_ms: MutableMapping[tuple[str, int], float],
    ) -> None:
        self._settings, self._running = settings, running
        self._decoded_ms = decoded_ms
        self._jpegs = [np.frombuffer(jpeg, np.uint8) for jpeg in jpegs]
        self._layout = Layout(settings.width, settings.height)
        self._losses: Counter[str] = Counter()
        self._first_seq = first_seq
        self._begun_s, self._next = time.monotonic(), 0
        self._held: int | None = None
        self._stood = True
        self._closed = Event()

    @property
    def losses(self) -> Mapping[str, int]:
        """Frames lost since opening, by reason."""
        return dict(self._losses)

    @property
    def mode(self) -> str:
        """As a webcam's."""
        where = self._settings
        return f"MJPG {where.width}x{where.height} at {where.fps:g} fps, paced"

    def hold(self, timeout_s: float) -> None:
        """Waits until the next frame is due, and holds it, or a newer one. Raises NothingYet."""
        if not self._running.is_set():
            self._stood = True
            self._closed.wait(timeout_s)
            raise NothingYet(f"camera {self._settings.name} is paused")
        if self._stood:
            self._begin_here()
        ahead_s = self._due_s(self._next) - time.monotonic()
        if ahead_s > 0 and (self._closed.wait(min(ahead_s, timeout_s)) or ahead_s > timeout_s):
            raise NothingYet(f"camera {self._settings.name} shows nothing new")
        self._take_newest()

    def read(self, timeout_s: float) -> Frame:
        """The newest frame; waits for the next one where none is held. Raises NothingYet."""
        if self._held is None:
            self.hold(timeout_s)
        elif self._due_s(self._next) <= time.monotonic():
            self._take_newest()
        return self._frame()

    def close(self) -> None:
        """Ends a `read` that waits."""
        self._closed.set()

    def _begin_here(self) -> None:
        """The next frame is due one period from now."""
        self._begun_s = time.monotonic() - (self._next - 1) / self._settings.fps
        self._stood = False

    def _due_s(self, number: int) -> float:
        return self._begun_s + number / self._settings.fps

    def _take_newest(self) -> None:
        late_s = time.monotonic() - self._due_s(self._next)
        stale = max(0, math.floor(late_s * self._settings.fps))
        self._losses["stale"] += stale + (self._held is not None)
        self._held, self._next = self._next + stale, self._next + stale + 1

    def _frame(self) -> Frame:
        """Of the one that is held."""
        assert self._held is not None
        number, self._held = self._held, None
        seq, begin_s = self._first_seq + number, time.monotonic()
        pixels = decode("MJPG", self._jpegs[number % len(self._jpegs)], self._layout)
        self._decoded_ms[self._settings.name, seq] = (time.monotonic() - begin_s) * 1000
        at = datetime.now(timezone.utc)
        return Frame(pixels, self._settings.name, seq, at, self._due_s(number))
