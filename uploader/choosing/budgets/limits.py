"""How much was taken of late: a limit that no stretch of time of one length ever exceeds."""

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

MINUTE_S, HOUR_S, DAY_S, MONTH_S = 60.0, 3_600.0, 86_400.0, 30 * 86_400.0
"""A month is 30 days."""
SLOTS = 60


class Taken(NamedTuple):
    """What was taken from first_s to last_s, in steady seconds."""

    first_s: float
    last_s: float
    amount: int


class Window:
    """A sliding window of length_s. Times may come out of order: what is late counts as now.

    What is taken closer together than length_s / slots is remembered as one, and forgotten with
    the last of it: memory holds slots + 2 numbers at most, and room may come back so much later
    than it could, never earlier.
    """

    __slots__ = ("_amount", "_taken", "length_s", "limit", "slots")

    def __init__(self, limit: int, length_s: float, slots: int = SLOTS) -> None:
        self.limit, self.length_s, self.slots = limit, length_s, slots
        self._taken: deque[Taken] = deque()
        self._amount = 0

    def has_room(self, amount: int, at_s: float) -> bool:
        """Whether so much may be taken now."""
        if self._amount + amount <= self.limit:
            return True
        self._forget(at_s)
        return self._amount + amount <= self.limit

    def take(self, amount: int, at_s: float) -> None:
        """Counts it, whether there is room or not."""
        self._forget(at_s)
        self._amount += amount
        newest = self._taken[-1] if self._taken else None
        if newest and at_s - newest.first_s < self.length_s / self.slots:
            last_s = max(at_s, newest.last_s)
            self._taken[-1] = Taken(newest.first_s, last_s, newest.amount + amount)
        else:
            self._taken.append(Taken(at_s, at_s, amount))

    def used(self, at_s: float) -> int:
        """How much was taken in the last length_s."""
        self._forget(at_s)
        return self._amount

    def room_in_s(self, amount: int, at_s: float) -> float:
        """Seconds until there is room for so much; infinite where it exceeds the limit alone."""
        amount_then = self.used(at_s) + amount
        if amount_then <= self.limit:
            return 0.0
        for taken in self._taken:
            amount_then -= taken.amount
            if amount_then <= self.limit:
                return taken.last_s + self.length_s - at_s
        return float("inf")

    def taken(self, at_s: float) -> tuple[Taken, ...]:
        """What counts still, the oldest first."""
        self._forget(at_s)
        return tuple(self._taken)

    def restore(self, taken: Iterable[Taken]) -> None:
        """Remembers this instead, the oldest first."""
        self._taken = deque(taken)
        self._amount = sum(each.amount for each in self._taken)

    def _forget(self, at_s: float) -> None:
        gone_s = at_s - self.length_s
        while self._taken and self._taken[0].last_s <= gone_s:
            self._amount -= self._taken.popleft().amount
