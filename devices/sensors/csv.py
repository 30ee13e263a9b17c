"""A sensor that is a CSV file: replayed at its own pace, faster, or as fast as possible."""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Event
from types import TracebackType

from devices.errors import DeviceLost, DeviceUnavailable, EndOfSource, NothingYet
from devices.reading import Reading
from devices.sensor_settings import CsvSettings
from devices.sensors.rows import Row, Rows


class CsvSensor:
    """Replays a CSV file.

    A reading carries the time in the file; when the file begins again, its times go on rising.
    """

    def __init__(self, settings: CsvSettings) -> None:
        """Opens the file. Raises DeviceUnavailable with a sentence that says what to do."""
        self._settings = settings
        self._closed = Event()
        self._rows = Rows(
            settings.source,
            settings.time_column,
            settings.separator,
            tuple(signal.place for signal in settings.signal),
        )
        first = self._rows.next()
        if first is None:
            self._rows.close()
            raise DeviceUnavailable(
                f"{settings.source} holds no row with a time and a number; {self._why_none()}"
            )
        self._next: Row | None = first
        self._first_at = first.at
        self._last_at = first.at
        self._passed = 0
        self._shift = timedelta(0)
        self._started_s = time.monotonic()

    @property
    def signals(self) -> tuple[str, ...]:
        """The columns that are read."""
        return self._rows.signals

    @property
    def losses(self) -> Mapping[str, int]:
        """Cells and rows left out since opening; the reasons are those of `Rows`."""
        return dict(self._rows.losses)

    @property
    def problems(self) -> tuple[str, ...]:
        """None: what is left out of a file is counted."""
        return ()

    def read(self, timeout_s: float) -> Reading:
        """Waits until the next row is due and returns it.

        Raises NothingYet (not due within timeout_s), DeviceLost (closed, or the file went away),
        EndOfSource (read to its end).
        """
        row = self._due_row()
        at = row.at + self._shift
        wait_s = self._due_s(at) - time.monotonic()
        self._closed.wait(max(0.0, min(wait_s, timeout_s)))
        if self._closed.is_set():
            raise DeviceLost(f"sensor {self._settings.name} is closed")
        if wait_s > timeout_s:
            raise NothingYet(f"the next row of {self._settings.source} is not due yet")
        self._next, self._last_at = None, row.at
        self._passed += 1
        return Reading(self._settings.name, at, time.monotonic(), row.values)

    def close(self) -> None:
        """Closes the file; a read that waits ends at once."""
        self._closed.set()
        self._rows.close()

    def __enter__(self) -> "CsvSensor":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _due_row(self) -> Row:
        if self._next is None and not self._closed.is_set():
            self._next = self._rows.next() or self._first_again()
        if self._next is None:
            raise DeviceLost(f"sensor {self._settings.name} is closed")
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
