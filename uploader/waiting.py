"""Which entries wait to be sent, in memory that does not grow with their number."""

from collections import OrderedDict
from collections.abc import Iterable
from heapq import nsmallest
from typing import NamedTuple

WINDOW = 4096
"""Ids held in memory; those beyond are counted, and found on the disk when it is their turn."""


class Backlog(NamedTuple):
    """How much waits."""

    entries: int
    size_bytes: int


class Waiting:
    """The order of sending: oldest first, put off ones last. Knows no disk; callers hold a lock."""

    def __init__(self, window: int = WINDOW) -> None:
        self._window = window
        self._ids: OrderedDict[str, int] = OrderedDict()
        self.backlog = Backlog(0, 0)

    @property
    def run_dry(self) -> bool:
        """Whether entries wait that are all beyond the window: time to `refill`."""
        return not self._ids and self.backlog.entries > 0

    def refill(self, found: Iterable[tuple[str, int]]) -> None:
        """Starts anew from all (id, size) that are on the disk, in any order."""
        self.backlog = Backlog(0, 0)
        self._ids = OrderedDict(nsmallest(self._window, map(self._counted, found)))

    def add(self, id: str, size: int, first: bool = False) -> None:
        """A new entry; `first` puts it before all others."""
        beyond = self.backlog.entries - len(self._ids)
        self._counted((id, size))
        if first or (not beyond and len(self._ids) < self._window):
            self._ids[id] = size
            self._ids.move_to_end(id, last=not first)

    def oldest(self) -> str | None:
        """The id whose turn it is."""
        return next(iter(self._ids), None)

    def postpone(self, id: str) -> None:
        """Lets all others that are known go first."""
        if id in self._ids:
            self._ids.move_to_end(id)

    def remove(self, id: str, size: int) -> None:
        """An entry that waits no more; size, of one beyond the window, is 0 where there is none."""
        known = self._ids.pop(id, size)
        if known:
            self.backlog = Backlog(self.backlog.entries - 1, self.backlog.size_bytes - known)

    def _counted(self, entry: tuple[str, int]) -> tuple[str, int]:
        self.backlog = Backlog(self.backlog.entries + 1, self.backlog.size_bytes + entry[1])
        return entry
