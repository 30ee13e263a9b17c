"""How many frames a camera may keep, and how close together."""

from collections import deque
from enum import Enum

WINDOW_S = 60.0


class Grant(Enum):
    """What a camera that wants to keep a frame is told."""

    GRANTED = "granted"
    TOO_SOON = "too_soon"
    """It kept one for the same reasons a moment ago; consecutive frames teach nothing new."""
    OVER_BUDGET = "over_budget"


class Budget:
    """Counts kept frames per camera in a sliding minute, so no minute ever holds more than allowed.

    gap_s: least time between two frames of a camera that are kept for the same reasons.
    Memory: one number per kept frame of the last minute.
    """

    def __init__(self, max_per_minute: int, gap_s: float = 0.0) -> None:
        self._max, self._gap_s = max_per_minute, gap_s
        self._taken: dict[str, deque[float]] = {}
        self._last: dict[tuple[str, tuple[str, ...]], float] = {}

    def take(self, camera: str, reasons: tuple[str, ...], now_s: float) -> Grant:
        """Asks to keep a frame now; when granted, it counts. now_s is monotonic."""
        taken = self._taken.setdefault(camera, deque())
        while taken and taken[0] <= now_s - WINDOW_S:
            taken.popleft()
        if now_s - self._last.get((camera, reasons), float("-inf")) < self._gap_s:
            return Grant.TOO_SOON
        if len(taken) >= self._max:
            return Grant.OVER_BUDGET
        taken.append(now_s)
        self._last[camera, reasons] = now_s
        return Grant.GRANTED
