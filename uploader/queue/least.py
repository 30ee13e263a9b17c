"""Which entries would be let go first, in memory that does not grow with their number."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from heapq import nsmallest

from uploader.queue.entry_name import EntryName
from uploader.queue.worth import worth

WINDOW = 1024
"""Names held in memory; those that are worth more are found on the disk when it is their turn."""

Ranked = tuple[float, EntryName]


class Least:
    """The least valuable of what waits; of equals the oldest. Callers hold a lock.

    known: whether the window was filled since it ran empty: before that, nothing can be said.
    """

    def __init__(self, window: int = WINDOW) -> None:
        self._window = window
        self._ranked: list[Ranked] = []
        self._whole = False
        self.known = False

    def __iter__(self) -> Iterator[EntryName]:
        """From the least valuable on, as far as the window goes."""
        return (name for _, name in tuple(self._ranked))

    def refill(self, found: Iterable[EntryName]) -> None:
        """Starts anew from all that wait, in any order."""
        ranked = ((worth(name), name) for name in found if name.value is not None)
        self._ranked = nsmallest(self._window + 1, ranked)
        self._whole = len(self._ranked) <= self._window
        self._cut()
        self.known = True

    def add(self, name: EntryName) -> None:
        """A new entry."""
        ranked = worth(name), name
        if not self.known or name.value is None:
            return
        if self._whole or (self._ranked and ranked < self._ranked[-1]):
            insort(self._ranked, ranked)
            self._cut()

    def remove(self, name: EntryName) -> None:
        """An entry that waits no more."""
        ranked = worth(name), name
        place = bisect_left(self._ranked, ranked)
        if place < len(self._ranked) and self._ranked[place] == ranked:
            del self._ranked[place]
            self.known = bool(self._ranked) or self._whole

    def _cut(self) -> None:
        if len(self._ranked) > self._window:
            self._ranked.pop()
            self._whole = False
