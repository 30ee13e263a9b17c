"""Which entries wait to be sent, in memory that does not grow with their number."""

from collections import OrderedDict
from collections.abc import Iterable
from heapq import nsmallest
from typing import NamedTuple

from uploader.entry_name import EntryName

WINDOW = 4096
"""Names held in memory; those beyond are counted, and found on the disk when it is their turn."""


class Backlog(NamedTuple):
    """How much waits."""

    entries: int
    size_bytes: int


class Waiting:
    """The order of sending. Knows no disk; callers hold a lock.

    First what is never let go (records of what is in the store already), then the oldest, and what
    was put off last.
    """

    def __init__(self, window: int = WINDOW) -> None:
        self._window = window
        self._names: OrderedDict[EntryName, None] = OrderedDict()
        self.backlog = Backlog(0, 0)

    @property
    def run_dry(self) -> bool:
        """Whether entries wait that are all beyond the window: time to `refill`."""
        return not self._names and self.backlog.entries > 0

    def refill(self, found: Iterable[EntryName]) -> None:
        """Starts anew from all that are on the disk, in any order."""
        self.backlog = Backlog(0, 0)
        first = nsmallest(self._window, map(self._counted, found), key=_turn)
        self._names = OrderedDict.fromkeys(first)

    def add(self, name: EntryName) -> None:
        """A new entry."""
        beyond = self.backlog.entries - len(self._names)
        self._counted(name)
        first = name.value is None
        if first or (not beyond and len(self._names) < self._window):
            self._names[name] = None
            self._names.move_to_end(name, last=not first)

    def oldest(self) -> EntryName | None:
        """The one whose turn it is."""
        return next(iter(self._names), None)

    def postpone(self, name: EntryName) -> None:
        """Lets all others that are known go first."""
        if name in self._names:
            self._names.move_to_end(name)

    def remove(self, name: EntryName, there: bool) -> None:
        """An entry that waits no more. there: whether it was on the disk until now."""
        if there or name in self._names:
            self._names.pop(name, None)
            self._count(-1, -name.size)

    def _counted(self, name: EntryName) -> EntryName:
        self._count(1, name.size)
        return name

    def _count(self, entries: int, size_bytes: int) -> None:
        before = self.backlog
        self.backlog = Backlog(before.entries + entries, before.size_bytes + size_bytes)


def _turn(name: EntryName) -> tuple[bool, str]:
    return name.value is not None, name.id
