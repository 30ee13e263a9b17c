"""A sensor that speaks when it is asked: every so many seconds, for all of its signals at once."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from threading import Event
from typing import Protocol

from devices.closeable import Closeable
from devices.errors import DeviceLost
from devices.reading import Reading
from devices.readings.beat import Beat
from devices.readings.gate import Gate
from devices.readings.order import Order, utc_now
from devices.sensor_settings import SignalSettings


class Source(Protocol):
    """Who is asked. `close` may be called while `ask` runs, which it ends."""

    @property
    def losses(self) -> Mapping[str, int]:
        """What could not be asked for, by reason."""

    def ask(self) -> Mapping[str, object]:
        """What each signal is now, as `Gate.admit` takes it. Raises DeviceLost."""

    def close(self) -> None:
        """Lets go of it."""


class Asked(Closeable):
    """Asks a source; its answers are readings of the moment at which it was asked.

    losses: those of the source and of `Gate`.
    """

    def __init__(
        self,
        name: str,
        every_s: float,
        signals: Sequence[SignalSettings],
        source: Source,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """source: open; closed with this."""
        self._name, self._source, self._now = name, source, now
        self._gate = Gate(signals, Order("ours", now))
        self._closed = Event()
        self._beat = Beat(every_s, self._closed)

    @property
    def signals(self) -> tuple[str, ...]:
        """Names of the signals."""
        return self._gate.signals

    @property
    def losses(self) -> Mapping[str, int]:
        """What was left out since opening, by reason."""
        return Counter(self._source.losses) + Counter(self._gate.losses)

    @property
    def problems(self) -> Mapping[str, str]:
        """What is wrong with signals now; see `Gate`."""
        return self._gate.problems

    def read(self, timeout_s: float) -> Reading:
        """The next reading. Raises NothingYet (not due yet), DeviceLost (no answer)."""
        while True:
            self._beat.wait(self._name, timeout_s)
            at = self._now()
            values = self._gate.admit(at, self._asked())
            if values:
                return Reading(self._name, at, time.monotonic(), values)

    def close(self) -> None:
        """Ends a read that waits, at once; may be called twice."""
        if not self._closed.is_set():
            self._closed.set()
            self._source.close()

    def _asked(self) -> Mapping[str, object]:
        try:
            return self._source.ask()
        except DeviceLost as error:
            if self._closed.is_set():
                raise DeviceLost(f"sensor {self._name} is closed") from error
            raise
