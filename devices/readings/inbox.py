"""Where a sensor that speaks when it wants to leaves its readings until they are read."""

from collections import Counter, deque
from threading import Condition

from devices.errors import DeviceError, DeviceLost, NothingYet
from devices.reading import Reading

LIMIT = 4096


class Inbox:
    """Readings in order of arrival, bounded: when it is full the oldest goes, and is counted.

    losses: overrun (readings that were not read in time). Thread-safe.
    """

    def __init__(self, sensor: str, limit: int = LIMIT) -> None:
        self.losses: Counter[str] = Counter()
        self._sensor, self._limit = sensor, limit
        self._waiting: deque[Reading] = deque()
        self._end: DeviceError | None = None
        self._changed = Condition()

    def put(self, reading: Reading) -> None:
        """Leaves a reading."""
        with self._changed:
            if len(self._waiting) >= self._limit:
                self._waiting.popleft()
                self.losses["overrun"] += 1
            self._waiting.append(reading)
            self._changed.notify()

    def end(self, error: DeviceError) -> None:
        """Nothing more will come; what waits can still be read. The first error is the one told."""
        with self._changed:
            self._end = self._end or error
            self._changed.notify_all()

    def close(self) -> None:
        """Ends it at once: what waits is no longer read."""
        with self._changed:
            self._waiting.clear()
            self._end = DeviceLost(f"sensor {self._sensor} is closed")
            self._changed.notify_all()

    def take(self, timeout_s: float) -> Reading:
        """The oldest reading. Raises NothingYet, or the error with which it ended."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._end, timeout_s)
            if self._waiting:
                return self._waiting.popleft()
            if self._end is not None:
                raise self._end
        raise NothingYet(f"sensor {self._sensor}: no reading within {timeout_s:g} s")
