"""What a spool holds and what happens to it: waits, is being sent, is about to be let go."""

from collections.abc import Callable, Collection, Iterable, Iterator

from uploader.queue.doubtful import Doubtful
from uploader.queue.entry_name import LANES, EntryName, Lane
from uploader.queue.least import Least
from uploader.queue.waiting import Backlog, Waiting

Find = Callable[[], Iterable[EntryName]]
"""Names of all entries on the disk, in any order."""


class Stock:
    """The books of a spool; memory is bounded whatever waits. Knows no disk; callers hold a lock.

    find: used where what is in memory does not tell.
    """

    def __init__(self, find: Find) -> None:
        self._find = find
        self._waiting, self._least, self._doubtful = Waiting(), Least(), Doubtful()
        self._sending: set[EntryName] = set()
        self._held: set[EntryName] = set()
        self._spared: set[str] = set()

    @property
    def waiting(self) -> Backlog:
        """How many entries wait, and their bytes; what is held is not among them."""
        return self._waiting.backlog

    @property
    def oldest_day(self) -> int:
        """The day on which the longest waiting was accepted, as far as memory goes."""
        return self._waiting.oldest_day

    def refill(self, found: Iterable[EntryName]) -> None:
        """Starts anew from all that are on the disk."""
        self._waiting.refill(found)

    def look_again(self) -> None:
        """There are entries on the disk that were not added."""
        self._waiting.refill(self._there())
        self._least = Least()

    def add(self, name: EntryName) -> None:
        """A new entry."""
        self._waiting.add(name)
        self._least.add(name)

    def oldest(self, lanes: Collection[Lane] = LANES) -> EntryName | None:
        """The one of these lanes whose turn it is; from then on it is being sent."""
        if self._waiting.run_dry(lanes):
            self._waiting.refill(self._there())
        name = self._waiting.oldest(lanes)
        if name is None:
            return None
        name = self._doubtful.instead_of(name)
        if name in self._sending:  # nobody said what came of it
            self._doubtful.add(name)
        self._sending.add(name)
        self._least.remove(name)
        return name

    def postpone(self, name: EntryName, in_doubt: bool = False) -> None:
        """It is not being sent any more; the others go first.

        in_doubt: whether the store may have it; then it is not let go from now on.
        """
        self._sending.discard(name)
        self._waiting.postpone(name)
        if in_doubt or name in self._doubtful:
            self._doubtful.add(name)
        elif self._may_go(name):
            self._least.add(name)

    def gone(self, name: EntryName, there: bool) -> None:
        """It is no more on the disk. there: whether it was until now."""
        self._sending.discard(name)
        self._doubtful.discard(name)
        if name in self._held:
            self._held.discard(name)
        else:
            self._waiting.remove(name, there)
            self._least.remove(name)

    def spare(self, ids: Iterable[str]) -> None:
        """Never lets go of these: the store has them already, or nobody can tell what they are."""
        spared = set(ids)
        self._spared |= spared
        for name in self._least:
            if name.id in spared:
                self._least.remove(name)

    def least(self) -> Iterator[EntryName]:
        """What may be let go, the least valuable first."""
        if not self._least.known:
            self._least.refill(filter(self._may_go, self._there()))
        return iter(self._least)

    def older_than(self, day: int) -> Iterator[EntryName]:
        """What may be let go and was accepted before that day."""
        return (name for name in self._there() if name.day < day and self._may_go(name))

    def hold(self, names: Iterable[EntryName]) -> None:
        """These are about to be let go: they do not wait, and are not sent."""
        for name in names:
            self._held.add(name)
            self._waiting.remove(name, there=True)
            self._least.remove(name)

    def release(self, names: Iterable[EntryName]) -> None:
        """Those of these that are still held wait again."""
        for name in self._held.intersection(names):
            self._held.discard(name)
            self.add(name)

    def _there(self) -> Iterator[EntryName]:
        return (name for name in self._find() if name not in self._held)

    def _may_go(self, name: EntryName) -> bool:
        spared = name.id in self._spared or name in self._doubtful
        return not (name.value is None or name in self._sending or spared)
