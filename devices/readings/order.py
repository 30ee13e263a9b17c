"""Which of the times that readings carry are to be believed."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Literal

Clock = Literal["ours", "theirs", "played"]
"""Who stamped a reading: we when it came (our clock may be set back at any time), the source while
it happens, or somebody long ago (a file that is replayed)."""

AHEAD = timedelta(minutes=5)
"""A live source whose clock is further ahead of ours than this is not believed."""
SET = datetime(2026, 1, 1, tzinfo=timezone.utc)
"""Before it our own clock has not been set yet, and judges nobody."""
SET_BACK = 10
"""So many readings in a row that are late, but rise: the source has set its clock back."""


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(timezone.utc)


class Order:
    """The times of one sensor, which should rise.

    losses: late (older than the reading before), ahead (in the future).
    problems: why the last reading was not taken, as reason → sentence; empty when it was.
    """

    def __init__(self, clock: Clock, now: Callable[[], datetime] = utc_now) -> None:
        self.losses: Counter[str] = Counter()
        self._clock, self._now = clock, now
        self.again()

    def again(self) -> None:
        """The next time may be any."""
        self.last: datetime | None = None
        self.problems: dict[str, str] = {}
        self._late: datetime | None = None
        self._in_a_row = 0

    def believes(self, at: datetime) -> bool:
        """Whether a reading of that time is taken; counts it and says why when not."""
        if self._clock == "theirs" and SET < self._now() < at - AHEAD:
            return self._refused("ahead", f"its clock is ahead of ours: it says {at:%F %T} UTC")
        if self._clock == "ours" or self.last is None or at >= self.last:
            return True
        self._in_a_row = self._in_a_row + 1 if self._late is None or at >= self._late else 1
        self._late = at
        if self._clock == "theirs" and self._in_a_row > SET_BACK:
            return True
        return self._refused("late", f"it sends readings late: of {at:%F %T} UTC")

    def follows(self, at: datetime) -> None:
        """That reading was taken."""
        self.last, self._late, self._in_a_row, self.problems = at, None, 0, {}

    def _refused(self, reason: str, problem: str) -> bool:
        self.losses[reason] += 1
        self.problems = {reason: problem}
        return False
