"""How many frames a camera may keep in a minute."""

from collections import deque

WINDOW_S = 60.0


class Budget:
    """Counts kept frames per camera in a sliding minute, so no minute ever holds more than allowed.

    A token bucket would be smaller, but lets twice the number through in an unlucky minute.
    Memory: one number per kept frame of the last minute.
    """

    def __init__(self, max_per_minute: int) -> None:
        self._max = max_per_minute
        self._taken: dict[str, deque[float]] = {}

    def take(self, camera: str, now_s: float) -> bool:
        """Whether the camera may keep one more frame now; if so, it counts. now_s is monotonic."""
        taken = self._taken.setdefault(camera, deque())
        while taken and taken[0] <= now_s - WINDOW_S:
            taken.popleft()
        if len(taken) >= self._max:
            return False
        taken.append(now_s)
        return True
