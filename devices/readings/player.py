"""A sensor that is a file: replayed at its own pace, faster, as fast as possible, or followed."""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Event

from devices.closeable import Closeable
from devices.errors import DeviceLost, DeviceUnavailable, EndOfSource, NothingYet
from devices.reading import Reading
from devices.readings.rows import Row, Rows
from devices.sensor_settings import FileSettings

LOOK_S = 0.1
"""How often a file that is followed is looked at."""


class Player(Closeable):
    """Plays or follows a file of readings.

    A reading carries the time in the file; when the file begins again, its times go on rising.
    """

    def __init__(self, settings: FileSettings, rows: Rows) -> None:
        """Closes the rows in the end. Raises DeviceUnavailable for a file that holds none."""
        self._settings, self._rows = settings, rows
        self._closed = Event()
        self._next = None if settings.follow else self._first()
        self._first_at = self._last_at = self._next.at if self._next else datetime.min
        self._passed = 0
        self._shift = timedelta(0)
        self._started_s = time.monotonic()

    @property
    def signals(self) -> tuple[str, ...]:
        """Names of the signals that are read."""
        return self._rows.signals

    @property
    def losses(self) -> Mapping[str, int]:
        """Values and rows left out since opening; the reasons are those of `Rows`."""
        return self._rows.losses

    @property
    def problems(self) -> Mapping[str, str]:
        """What is wrong with signals now; see `Gate`."""
        return self._rows.gate.problems

    def read(self, timeout_s: float) -> Reading:
        """Waits until the next row is due, or appended, and returns it.

        Raises NothingYet (none within timeout_s), DeviceLost (closed, or the file went away),
        EndOfSource (read to its end).
        """
        return self._appended(timeout_s) if self._settings.follow else self._played(timeout_s)

    def close(self) -> None:
        """Closes the file; a read that waits ends at once."""
        self._closed.set()
        self._rows.close()

    def _played(self, timeout_s: float) -> Reading:
        row = self._due_row()
        at = row.at + self._shift
        wait_s = self._due_s(at) - time.monotonic()
        self._wait(min(wait_s, timeout_s))
        if wait_s > timeout_s:
            raise NothingYet(f"the next row of {self._settings.source} is not due yet")
        self._next, self._last_at = None, row.at
        self._passed += 1
        return Reading(self._settings.name, at, time.monotonic(), row.values)

    def _appended(self, timeout_s: float) -> Reading:
        until_s = time.monotonic() + timeout_s
        while True:
            self._wait(0.0)
            row = self._rows.next()
            if row is not None:
                return Reading(self._settings.name, row.at, time.monotonic(), row.values)
            left_s = until_s - time.monotonic()
            if left_s <= 0:
                raise NothingYet(f"nothing was appended to {self._settings.source}")
            self._wait(min(LOOK_S, left_s))

    def _wait(self, seconds: float) -> None:
        if self._closed.wait(max(0.0, seconds)):
            raise DeviceLost(f"sensor {self._settings.name} is closed")

    def _first(self) -> Row:
        row = self._rows.next()
        if row is None:
            self._rows.close()
            raise DeviceUnavailable(
                f"{self._settings.source} holds no row with a time and a number; {self._why_none()}"
            )
        return row

    def _due_row(self) -> Row:
        self._wait(0.0)
        if self._next is None:
            self._next = self._rows.next() or self._first_again()
        return self._next

    def _first_again(self) -> Row:
        if not self._settings.loop:
            raise EndOfSource(f"{self._settings.source} has been read to its end")
        self._shift += self._period()
        self._rows.rewind()
        self._passed = 0
        first = self._rows.next()
        if first is None:
            raise DeviceLost(f"{self._settings.source} holds no readable row any more")
        return first

    def _period(self) -> timedelta:
        """From one beginning to the next: what the file spans, and one mean interval."""
        span = self._last_at - self._first_at
        return span * self._passed / (self._passed - 1) if span else timedelta(seconds=1)

    def _due_s(self, at: datetime) -> float:
        """The monotonic second at which the row of this time is due."""
        if self._settings.speed == 0:
            return self._started_s
        return self._started_s + (at - self._first_at).total_seconds() / self._settings.speed

    def _why_none(self) -> str:
        counted = ", ".join(f"{n} {reason}" for reason, n in sorted(self._rows.losses.items()))
        return f"left out: {counted}" if counted else "it has a header and nothing below it"
