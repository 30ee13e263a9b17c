"""Finds out when a frame was taken, from the stamps of a camera whose clock is not ours."""

DRIFT = 0.001
"""So much may one clock be faster than the other; what is more is delay."""
MAX_AGE_S = 60.0


class Timeline:
    """The frame that came soonest after its stamp had no delay; others are late by the difference.

    A stamp that goes back, or one that tells of more than a minute, begins a new timeline: cameras
    set their clocks when they are a few seconds into a stream.
    """

    def __init__(self) -> None:
        self._ahead_s = 0.0
        self._stamp_s: float | None = None

    def captured_s(self, stamp_s: float, arrived_s: float) -> float:
        """On our clock, at most arrived_s. stamp_s: seconds since any moment, by the camera."""
        ahead_s = arrived_s - stamp_s
        if self._stamp_s is None or stamp_s < self._stamp_s:
            self._ahead_s = ahead_s
        else:
            drifted_s = self._ahead_s + (stamp_s - self._stamp_s) * DRIFT
            self._ahead_s = min(ahead_s, drifted_s)
            if ahead_s - self._ahead_s > MAX_AGE_S:
                self._ahead_s = ahead_s
        self._stamp_s = stamp_s
        return stamp_s + self._ahead_s
