"""How many frames of one camera the pipeline takes: a rate that no stretch of time exceeds."""

from devices.settings import CameraSettings

CLOCKS_DIFFER = 1.01
"""A camera's clock is not this computer's: one that runs a hundredth too fast loses no frame."""
DEVICES = frozenset({"v4l2", "picamera2"})
"""Kinds that may deliver more than they were asked for. Streams and pipelines thin themselves out
before, and what is played has a rate of its own."""


class RateLimit:
    """Admits at most max_fps frames per second, and one more at once. Knows no clock, no thread.

    A frame may come one period early, and the next counts from when it was due. So jitter costs no
    frame of a camera that keeps the rate on average, and of a faster one the rate is reached
    although its frames come at other times than those that are due.
    """

    def __init__(self, max_fps: float) -> None:
        self._period_s = 1.0 / (max_fps * CLOCKS_DIFFER)
        self._due_s = self._newest_s = float("-inf")

    def admits(self, at_s: float) -> bool:
        """Whether a frame of that time, in monotonic seconds, is taken; it counts if it is.

        A time before the last one is of a clock that began anew, and so does the rate.
        """
        begins = at_s < self._newest_s
        self._newest_s = at_s
        if begins:
            self._due_s = at_s
        elif at_s < self._due_s - self._period_s:
            return False
        self._due_s = max(self._due_s, at_s) + self._period_s
        return True


def rate_limit(camera: CameraSettings) -> RateLimit | None:
    """That of a camera; None where every frame that it delivers is taken."""
    if camera.max_fps is not None:
        return RateLimit(camera.max_fps)
    return RateLimit(camera.fps) if camera.kind in DEVICES else None
