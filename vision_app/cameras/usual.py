"""How long something takes as a rule, whatever happens once in a while."""

from collections import deque
from statistics import median

REMEMBERED = 9
"""So many of the last durations count: what lasts is believed after five."""


class Usual:
    """The median of the last durations. Pure. seconds: 0 until the first one was heard."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._last: deque[float] = deque(maxlen=REMEMBERED)

    def heard(self, seconds: float) -> None:
        """It took so long this time."""
        self._last.append(seconds)
        self.seconds = median(self._last)
