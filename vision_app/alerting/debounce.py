"""Says when something has been so for long enough to be believed."""


class Debounce:
    """So many times in a row, over so many seconds. Knows no clock."""

    def __init__(self, times: int, seconds: float) -> None:
        self._least_times, self._least_s = times, seconds
        self.again()

    def again(self) -> None:
        """Begins anew."""
        self._times, self._since_s = 0, 0.0

    def update(self, so: bool, at_s: float) -> bool:
        """Whether it has been so for long enough by now.

        at_s: when; where that goes back, a clock was set, and the seconds begin anew.
        """
        if not so:
            self.again()
            return False
        if not self._times or at_s < self._since_s:
            self._since_s = at_s
        self._times += 1
        return self._times >= self._least_times and at_s - self._since_s >= self._least_s
