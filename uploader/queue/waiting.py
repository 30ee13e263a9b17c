"""Which entries wait to be sent, in memory that does not grow with their number."""

from bisect import insort
from collections import OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from uploader.queue.entry_name import LANES, EntryName, Lane

WINDOW = 4096
"""Names of each lane held in memory; others are counted, and found on the disk in their turn."""


class Backlog(NamedTuple):
    """How much waits."""

    entries: int
    size_bytes: int


@dataclass(slots=True)
class Known:
    """The first of those of a lane, in the order of sending, with their turn among all lanes.

    entries: all of the lane.
    """

    names: OrderedDict[EntryName, int] = field(default_factory=OrderedDict)
    entries: int = 0


class Waiting:
    """The order of sending. Knows no disk; callers hold a lock.

    First what is never let go (records of what is in the store already), then the oldest, and what
    was put off last. Lanes hide nothing from each other: each has a window of its own.
    """

    def __init__(self, window: int = WINDOW) -> None:
        self._window = window
        self._lanes: dict[Lane, Known] = {lane: Known() for lane in LANES}
        self._turns = 0
        self.backlog = Backlog(0, 0)

    @property
    def oldest_day(self) -> int:
        """The first day on which any of those in memory was accepted; 0 for none."""
        known = (name.day for lane in self._lanes.values() for name in lane.names)
        return min(known, default=0)

    def run_dry(self, lanes: Collection[Lane] = LANES) -> bool:
        """Whether entries of a lane wait that are all beyond the window: time to `refill`."""
        return any(not self._lanes[lane].names and self._lanes[lane].entries for lane in lanes)

    def refill(self, found: Iterable[EntryName]) -> None:
        """Starts anew from all that are on the disk, in any order."""
        self.backlog, self._lanes = Backlog(0, 0), {lane: Known() for lane in LANES}
        first: dict[Lane, list[EntryName]] = {lane: [] for lane in LANES}
        for name in found:
            self._count(name, 1)
            names = first[name.lane]
            if len(names) < self._window or _order(name) < _order(names[-1]):
                insort(names, name, key=_order)
                del names[self._window :]
        for name in sorted((name for names in first.values() for name in names), key=_order):
            self._lanes[name.lane].names[name] = self._next_turn()

    def add(self, name: EntryName) -> None:
        """A new entry."""
        known = self._lanes[name.lane]
        beyond = known.entries - len(known.names)
        self._count(name, 1)
        first = name.value is None
        if first or (not beyond and len(known.names) < self._window):
            known.names[name] = 0 if first else self._next_turn()
            known.names.move_to_end(name, last=not first)

    def oldest(self, lanes: Collection[Lane] = LANES) -> EntryName | None:
        """The one of these lanes whose turn it is."""
        heads = (next(iter(self._lanes[lane].names.items()), None) for lane in lanes)
        best = min(filter(None, heads), key=lambda head: head[1], default=None)
        return None if best is None else best[0]

    def postpone(self, name: EntryName) -> None:
        """Lets all others that are known go first."""
        names = self._lanes[name.lane].names
        if name in names:
            names[name] = self._next_turn()
            names.move_to_end(name)

    def remove(self, name: EntryName, there: bool) -> None:
        """An entry that waits no more. there: whether it was on the disk until now."""
        if self._lanes[name.lane].names.pop(name, None) is not None or there:
            self._count(name, -1)

    def _next_turn(self) -> int:
        self._turns += 1
        return self._turns

    def _count(self, name: EntryName, entries: int) -> None:
        before = self.backlog
        size_bytes = before.size_bytes + entries * name.size
        self.backlog = Backlog(before.entries + entries, size_bytes)
        self._lanes[name.lane].entries += entries


def _order(name: EntryName) -> tuple[bool, str]:
    return name.value is not None, name.id
