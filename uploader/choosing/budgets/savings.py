"""Reviews that are saved up evenly, so that a day's number of them lasts a day."""

from uploader.choosing.budgets.limits import DAY_S

LEAST_LEFT = 0.05


class Savings:
    """per_day are put aside in a day, a bit at a time; no more is held than a day's, and one."""

    def __init__(self, per_day: int, at_s: float) -> None:
        """Begins with those of a quarter of a day, so that the first hour has some."""
        self._per_s, self._most = per_day / DAY_S, per_day + 1.0
        self._saved, self._at_s = per_day / 4, at_s

    def restore(self, saved: float, at_s: float) -> None:
        """So many were held at that time."""
        self._saved, self._at_s = saved, at_s

    def held(self, at_s: float) -> float:
        """What may be spent; below 0 where more was spent than was there."""
        return min(self._saved + self._per_s * max(at_s - self._at_s, 0.0), self._most)

    def spend(self, at_s: float) -> None:
        """Takes one away."""
        self._saved, self._at_s = self.held(at_s) - 1.0, max(at_s, self._at_s)

    def offered(self, at_s: float) -> float:
        """What to plan with: what is held, and the more of that again the less room is left.

        What does not fit any more is lost, so that it is better spent on less.
        """
        held = max(self.held(at_s), 0.0)
        return held / max(1.0 - (held / self._most) ** 3, LEAST_LEFT)
