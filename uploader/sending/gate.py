"""When uploads may go: in their windows, and over a line that is not paid by the byte.

Frames with their records, and files of readings, each have a gate. Alerts and predictions are no
uploads: they never wait here.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone, tzinfo

from uploader.queue.entry_name import LANES, Lane
from uploader.sending.metered import Line, line
from uploader.sending.windows import is_open, opens_at
from uploader.settings import BulkSettings, StoreSettings

LINE_EVERY_S = 30.0
"""The line is looked at again after this."""


@dataclass(frozen=True, slots=True)
class Held:
    """Why something waits, as a clause for people; empty for what may go."""

    frames: str = ""
    readings: str = ""

    @property
    def may_go(self) -> tuple[Lane, ...]:
        """What does not have to wait."""
        return tuple(lane for lane in LANES if not getattr(self, lane))

    @property
    def told(self) -> str:
        """Both as one sentence; empty where nothing waits."""
        if self.frames == self.readings:
            return self.frames and f"uploads wait {self.frames}"
        clauses = []
        if self.frames:
            clauses.append(f"frames wait {self.frames}")
        if self.readings:
            clauses.append(f"files of readings wait {self.readings}")
        return "; ".join(clauses)


class Gate:
    """The gates of one device. For one thread."""

    def __init__(
        self,
        store: StoreSettings,
        bulk: BulkSettings,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
        zone: tzinfo | None = None,
        clock: Callable[[], float] = time.monotonic,
        look: Callable[[Sequence[str]], Line] = line,
    ) -> None:
        """now: the wall clock. zone: None is that of this machine. clock: monotonic seconds.

        look: how the line is, given the interfaces that are known not to be metered.
        """
        self._store, self._now, self._zone, self._clock, self._look = store, now, zone, clock, look
        self._windows = store.windows if bulk.windows is None else bulk.windows
        asked = bulk.only_unmetered
        self._only_unmetered = store.only_unmetered if asked is None else asked
        self._line: Line | None = None
        self._look_again_s = 0.0

    def held(self) -> Held:
        """What has to wait now."""
        return Held(
            self._why(self._store.windows, self._store.only_unmetered),
            self._why(self._windows, self._only_unmetered),
        )

    def _why(self, windows: Sequence[str], only_unmetered: bool) -> str:
        now = self._now()
        if not is_open(windows, now, self._zone):
            at = opens_at(windows, now, self._zone)
            until = f"{at.astimezone(self._zone):%Y-%m-%d %H:%M}" if at else "their window"
            return f"until {until}, when their window opens"
        if only_unmetered and (line := self._seen()).metered:
            return f"for an unmetered line: {line.why}"
        return ""

    def _seen(self) -> Line:
        if self._line is None or self._clock() >= self._look_again_s:
            self._line = self._look(self._store.unmetered_interfaces)
            self._look_again_s = self._clock() + LINE_EVERY_S
        return self._line
