"""Notices a camera that has become much slower than it was."""

from collections import deque

WINDOW_S = 1.5
"""Frames are counted over this time, or that of four frames of a slow camera."""
MUCH = 0.5
"""Below this share of the pace that it has had, it is slow."""
MOST = 4096
"""Arrivals that are remembered."""


class Pace:
    """The arrivals of one open camera. Pure: seconds of a monotonic clock come in."""

    def __init__(self, asked_fps: float) -> None:
        """asked_fps: a camera that was faster than asked may become as slow as asked."""
        self._asked_fps, self._best_fps = asked_fps, 0.0
        self._arrivals: deque[float] = deque(maxlen=MOST)

    def arrived(self, at_s: float) -> None:
        """A frame came; one after a standstill begins a new count."""
        if self._arrivals and at_s - self._arrivals[-1] > self._window_s:
            self._arrivals.clear()
        self._arrivals.append(at_s)
        fps = self.fps(at_s)
        if fps is not None:
            self._best_fps = min(max(self._best_fps, fps), self._asked_fps)

    def fps(self, now_s: float) -> float | None:
        """Frames per second of late; None until that can be said."""
        while len(self._arrivals) > 1 and self._arrivals[1] <= now_s - self._window_s:
            self._arrivals.popleft()
        if not self._arrivals or now_s - self._arrivals[0] < self._window_s:
            return None
        return (len(self._arrivals) - 1) / (now_s - self._arrivals[0])

    @property
    def _window_s(self) -> float:
        return max(WINDOW_S, 4 / (self._best_fps or self._asked_fps))

    def slow(self, now_s: float) -> str:
        """What is to be said of a slow camera, as a clause; empty while it keeps its pace."""
        fps = self.fps(now_s)
        if fps is None or fps >= MUCH * self._best_fps:
            return ""
        return (
            f"delivers {fps:.2g} frames a second and has delivered {self._best_fps:.2g}: look at "
            "its light, its cable and what else hangs on its bus"
        )
