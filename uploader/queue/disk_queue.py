"""A queue of future objects that survives kill -9 and power cuts, because the folder is the queue.

One file is one entry (uploader/queue/entry.py), and its name says what has to be known of all
entries at once (uploader/queue/entry_name.py). It is accepted when the file and its name are on the
disk. An entry goes when it is removed, or when there is no room and it is worth less than what
comes: then it is held first, written down (uploader/lines/tombstones.py), and removed. Where
nothing is worth less, or the disk fails, nothing is accepted and an error says why. Memory is
bounded whatever waits.

In the folder lie also `spool.lock`, `quarantine/` (uploader/queue/quarantine.py) and at times
`retry` (uploader/queue/retry.py), `records/` (uploader/lines/batch.py), `tombstones/`, `chain/`
(uploader/receipts/chain.py), `choosing/` (uploader/choosing), `reserve/`
(uploader/queue/reserve.py) and `slots/` (uploader/queue/slots.py).
"""

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path

from models import durable
from uploader.errors import SpoolError
from uploader.queue.admission import Admission, Coming, Doomed, LetGo
from uploader.queue.adoption import adopt
from uploader.queue.disk_errors import translated
from uploader.queue.entries import RETRY, entries, read_entry, tidied
from uploader.queue.entry import Entry, name_of, pack
from uploader.queue.entry_name import LANES, EntryName, Lane
from uploader.queue.landing import Landing
from uploader.queue.lock import Lock
from uploader.queue.newest import Newest
from uploader.queue.quarantine import Quarantine
from uploader.queue.reserve import Reserve
from uploader.queue.slots import Slots
from uploader.queue.stock import Stock
from uploader.queue.waiting import Backlog
from uploader.settings import SpoolSettings


class DiskQueue:
    """Entries on a disk. Every method is thread-safe; all raise SpoolError when the disk fails.

    arrived: set whenever an entry was accepted, so that the uploader need not poll. newest: of each
    chain (8 digits) whose frames waited at the start, the one with the highest number. newest_day:
    of what waited then. reserve: room for what is written before something can go. slots: filled
    by themselves.
    """

    def __init__(self, folder: Path, settings: SpoolSettings) -> None:
        """Raises SpoolError when the folder is no spool, is in use, or cannot be written."""
        self.folder = folder
        self.arrived = threading.Event()
        self._guard = threading.Lock()
        self._stock = Stock(self._entries)
        self._lock = Lock(folder)
        self._retry, newest = folder / RETRY, Newest()
        try:
            with translated(folder):
                self._quarantine, self.reserve = Quarantine(folder), Reserve(folder)
                adopt(folder, self._quarantine)
                self._stock.refill(map(newest.met, tidied(folder, self._quarantine)))
        except SpoolError:
            self._lock.close()
            raise
        self.newest, self.newest_day = newest.chains, newest.day
        self.slots = Slots(folder, settings.min_free_bytes)
        self._landing, room = Landing(folder, self.slots), (self.reserve, self.slots)
        self._admission = Admission(folder, settings, self._stock, self._quarantine, *room)

    @property
    def waiting(self) -> Backlog:
        """How many entries wait, and their bytes."""
        return self._stock.waiting

    @property
    def oldest_day(self) -> int:
        """The day on which the longest waiting was accepted; 0 where nothing waits."""
        with self._guard:
            return self._stock.oldest_day

    @property
    def quarantined(self) -> Backlog:
        """How many files were set aside, now and in earlier runs, and their bytes."""
        return self._quarantine.holds

    def accept(self, entry: Entry, day: int = 0, let_go: LetGo | None = None) -> EntryName:
        """Returns when the entry would survive a power cut; raises as `arrive` and `land` do."""
        coming = self.arrive(entry, day, let_go)
        try:
            self.write(coming)
            self.land([coming])
            self.landed([coming])
        finally:
            self.forget(coming)
        return coming.name

    def arrive(self, entry: Entry, day: int = 0, let_go: LetGo | None = None) -> Coming:
        """Holds room for an entry; `forget` ends that. day: today, by the steady clock.

        let_go: what makes room where a bound is reached. Raises SpoolFull when there is none.
        Records and tombstones, which speak of what is no more here, are taken past the bounds and
        go first.
        """
        head, body = pack(entry)
        name = name_of(entry.id, entry.kind, entry.record, day, len(head) + len(body))
        self._admit(name, let_go)
        return Coming(name, self._landing.begin(name), (head, body))

    def write(self, coming: Coming) -> None:
        """Brings its bytes to the disk, under no name yet. Raises Unsettled as `land` does."""
        with translated(self.folder):
            coming.arrival.write(*coming.chunks)

    def refused(self, coming: Sequence[Coming]) -> None:
        """None of these lands; no start may find one of them without those before it."""
        for each in reversed(coming):
            each.arrival.undo()

    def land(self, coming: Sequence[Coming]) -> None:
        """Returns when these would survive a power cut; they get their names in this order.

        Raises Unsettled when a power cut may bring back what was not accepted.
        """
        self._landing.land([each.arrival for each in coming])

    def landed(self, coming: Sequence[Coming]) -> None:
        """From now on these wait."""
        with self._guard:
            for each in coming:
                self._admission.arriving.remove(each.name)
                self._stock.add(each.name)
        self.arrived.set()

    def forget(self, coming: Coming) -> None:
        """Its room is free again, unless it landed."""
        coming.arrival.close()
        if coming.name in self._admission.arriving:
            with self._guard:
                self._admission.arriving.discard(coming.name)

    def oldest(self, lanes: Collection[Lane] = LANES) -> EntryName | None:
        """The one of these lanes whose turn it is; None when nothing waits in them.

        It is being sent until it is removed, postponed or set aside: meanwhile it is not let go.
        """
        with self._guard, translated(self.folder):
            if self._retry.exists():
                self._look_again()
            return self._stock.oldest(lanes)

    def spare(self, ids: Iterable[str]) -> None:
        """Never lets go of these: the store has them, they are only to be removed."""
        with self._guard:
            self._stock.spare(ids)

    def expired(self, before_day: int, limit: int) -> list[Doomed]:
        """Holds at most so many of the entries that were accepted before that day."""
        with self._guard, translated(self.folder):
            return self._admission.expired(before_day, limit)

    def release(self, doomed: Iterable[Doomed]) -> None:
        """Lets entries wait again that were held and not removed."""
        with self._guard:
            self._stock.release(name for name, _ in doomed)

    def has(self, id: str) -> bool:
        """Whether an entry of that id was accepted and is here; one that was not goes for good."""
        with translated(self.folder):
            names = self.named({id})
            left = self._landing.left.intersection(map(self._path, names))
            for path in left:
                path.unlink(missing_ok=True)
            self._landing.left -= left
            return len(names) > len(left)

    def named(self, ids: Collection[str]) -> list[EntryName]:
        """Those of these ids that lie on the disk: all names are gone through."""
        with translated(self.folder):
            return [name for name in entries(self.folder) if name.id in ids]

    def read(self, name: EntryName) -> Entry:
        """The entry, verified bit by bit. Raises Damaged: it is to be quarantined."""
        with translated(self.folder):
            return read_entry(self.folder, name)

    def remove(self, name: EntryName) -> None:
        """Lets go of an entry that is in the store, or in a tombstone."""
        self._take_away(name, self._path(name).unlink)

    def postpone(self, name: EntryName, in_doubt: bool = False) -> None:
        """Lets the others go first. in_doubt: the store may have it, so it is not let go now."""
        with self._guard:
            self._stock.postpone(name, in_doubt)

    def quarantine(self, name: EntryName, why: str) -> None:
        """Sets an entry aside with the reason; it is never sent."""
        self._take_away(name, lambda: self._quarantine.take(self._path(name), why))

    def set_aside(self, path: Path, why: str) -> None:
        """Quarantines another file of the spool."""
        with self._guard, translated(self.folder):
            self._quarantine.take(path, why)

    def sync(self) -> None:
        """Returns when every removal so far would survive a power cut."""
        with translated(self.folder):
            durable.sync_folder(self.folder)
            self.slots.sync()

    def close(self) -> None:
        """Lets another process use the folder; what waits stays on the disk."""
        self._landing.close()
        self.slots.close()
        self._lock.close()

    def _look_again(self) -> None:
        """Entries have come back from quarantine."""
        self._retry.unlink()
        self._quarantine.count()
        self._stock.look_again()

    def _admit(self, name: EntryName, let_go: LetGo | None) -> None:
        free_bytes = self._admission.free_bytes()  # others need not wait for that
        with self._guard, translated(self.folder):
            going = self._admission.admit(name, free_bytes, may_let_go=let_go is not None)
        if going is None or let_go is None:
            return
        try:
            let_go(*going)
        except SpoolError:
            with self._guard:
                self._admission.arriving.discard(name)
            raise

    def _take_away(self, name: EntryName, take: Callable[[], object]) -> None:
        with self._guard, translated(self.folder):
            there = True
            try:
                take()
            except FileNotFoundError:
                there = False
            self._stock.gone(name, there)

    def _entries(self) -> Iterator[EntryName]:
        """Every accepted entry on the disk, in no order."""
        arriving, left = self._admission.arriving, self._landing.left
        found = (name for name in entries(self.folder) if name not in arriving)
        return (name for name in found if self._path(name) not in left)

    def _path(self, name: EntryName) -> Path:
        return self.folder / str(name)
