"""Entries that the store may have, though it never said so: an answer was lost, or did not come."""

from collections import OrderedDict

from uploader.queue.entry_name import LANES, EntryName, Lane

MOST = 256
"""Names of each lane."""


class Doubtful:
    """What is in doubt until it is gone: neither a refusal nor a line that is down settles it.

    Memory is bounded: where there are too many, no more are begun before one of them is settled.
    Callers hold a lock.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._names: dict[Lane, OrderedDict[EntryName, None]] = {
            lane: OrderedDict() for lane in LANES
        }

    def __contains__(self, name: EntryName) -> bool:
        return name in self._names[name.lane]

    def add(self, name: EntryName) -> None:
        """It was sent, and nobody knows what came of it; the others of its lane go first."""
        if name.value is not None:  # else it is never let go, and need not be remembered
            self._names[name.lane][name] = None
            self._names[name.lane].move_to_end(name)

    def discard(self, name: EntryName) -> None:
        """It is no more in the spool."""
        self._names[name.lane].pop(name, None)

    def instead_of(self, name: EntryName) -> EntryName:
        """Which one is sent when it would be the turn of that."""
        names = self._names[name.lane]
        if name.value is None or name in names or len(names) < self._most:
            return name
        return next(iter(names))
