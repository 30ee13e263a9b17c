"""Thins out frames that come faster than they are wanted."""

BURST = 2.0
START = 1.5


class Pace:
    """Lets through at most fps frames a second, and none too few where they come just so fast.

    A stream of the asked rate arrives unevenly, so one frame may be early by half a period.
    """

    def __init__(self, fps: float) -> None:
        self._fps, self._credit = fps, START
        self._last_s: float | None = None

    def wants(self, stamp_s: float) -> bool:
        """Whether the next frame, of that moment, is one of them. A clock may be set back."""
        since_s = 0.0 if self._last_s is None else max(0.0, stamp_s - self._last_s)
        self._last_s = stamp_s
        self._credit = min(BURST, self._credit + since_s * self._fps)
        if self._credit < 1:
            return False
        self._credit -= 1
        return True
