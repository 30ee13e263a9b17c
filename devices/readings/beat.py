"""When a sensor that is asked is asked again."""

import time
from collections.abc import Callable
from threading import Event

from devices.errors import DeviceLost, NothingYet


class Beat:
    """Every so many seconds, counted from the first; beats that were missed are not made up for."""

    def __init__(
        self, every_s: float, closed: Event, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """closed: set when there is nothing to be asked any more."""
        self._every_s, self._closed, self._clock = every_s, closed, clock
        self._next_s = clock()

    def wait(self, sensor: str, timeout_s: float) -> None:
        """Returns when it is time. Raises NothingYet when that is later; DeviceLost: closed."""
        wait_s = self._next_s - self._clock()
        if self._closed.wait(max(0.0, min(wait_s, timeout_s))):
            raise DeviceLost(f"sensor {sensor} is closed")
        if wait_s > timeout_s:
            raise NothingYet(f"sensor {sensor} is asked again in {wait_s - timeout_s:.1f} s")
        missed = max(0.0, self._clock() - self._next_s) // self._every_s
        self._next_s += (missed + 1) * self._every_s
