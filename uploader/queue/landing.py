"""How entries get onto the disk, so that each is accepted when it would survive a power cut.

As a new file, several at once for the price of one flush of the disk:

    step                                   if it ends here, the next start
    1 written to <name>.tmp, and handed    removes it
      to the disk, not flushed
    2 renamed to <name>                    after kill -9 finds it whole; after a power cut finds
                                           nothing, or it, whole
    3 file and folder fsynced, at once     finds it whole

It is accepted after step 3 only. Handing over (sync_file_range) comes before the rename so that no
file system can have the name on the disk without what it names. One that could all the same leaves
a torn entry that nobody was promised: that is seen when it is read, and set aside.

In a slot (uploader/queue/slot.py), for one flush that no other has to wait for:

    1 written over zeros, a line last      removes it, unless it is whole
    2 that flushed                         finds it whole, in the slot, and renames it
    3 renamed to <name>, not flushed       finds it whole, in the slot or under its name
    4 cut to its length, not flushed       the same

It is accepted after step 3. Entries get their names in the order of the chain. One whose one before
has not landed may be whole before that one is: so its slot names the other's, and where that is no
slot, it takes none.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from models import durable
from uploader.errors import SpoolError, Unsettled
from uploader.queue.disk_errors import failed, translated
from uploader.queue.entry_name import EntryName
from uploader.queue.new_file import NewFile
from uploader.queue.slot import Slot
from uploader.queue.slots import Slots
from uploader.queue.tail import NONE, Tail

AT_ONCE = 16
"""Files of one flush."""


Arrival = NewFile | Slot
"""A file on its way to the disk.

slot: its name, or nothing. flushed: whether it is on the disk once it is written. over: it landed,
or never will.
"""


class Landing:
    """Lands files in one folder. Thread-safe; `close` may be called twice.

    left: what was not accepted, and could not be taken away.
    """

    def __init__(self, folder: Path, slots: Slots) -> None:
        self._folder, self._slots = folder, slots
        self._pool = ThreadPoolExecutor(AT_ONCE, "spool-sync")
        self._linked: Arrival | None = None
        self.left: set[Path] = set()

    def begin(self, name: EntryName) -> Arrival:
        """What the entry of that name is to be written to; of a chain, called in its order."""
        path, behind = self._folder / str(name), self._linked if name.chain else None
        arrival: Arrival | None = None
        if behind is None or behind.over:
            arrival = self._slots.take(path, Tail(NONE, name))
        elif behind.slot:
            arrival = self._slots.take(path, Tail(behind.slot, name))
        arrival = arrival or NewFile(path)
        if name.chain:
            self._linked = arrival
        return arrival

    def land(self, arrivals: Sequence[Arrival]) -> None:
        """Returns when all would survive a power cut; their names appear in this order.

        Raises SpoolError: then none of them is accepted; Unsettled where a power cut may bring one
        back.
        """
        try:
            with translated(self._folder):
                self._flush(arrivals)
        except SpoolError as error:
            absent = [arrival.undo() for arrival in reversed(arrivals)]
            self.left |= {each.path for each in arrivals if os.path.lexists(each.path)}
            cause = error.__cause__
            if all(absent) or not isinstance(cause, OSError):
                raise
            raise Unsettled(failed(self._folder, cause)) from cause
        for arrival in arrivals:
            arrival.over = True

    def close(self) -> None:
        """Ends the threads."""
        self._pool.shutdown()

    def _flush(self, arrivals: Sequence[Arrival]) -> None:
        for arrival in arrivals:
            arrival.rename()
        late = [arrival for arrival in arrivals if not arrival.flushed]
        if not late:
            return
        durable.sync_folder(self._folder)
        syncs = [self._pool.submit(arrival.sync) for arrival in late[1:]]
        try:
            late[0].sync()
        finally:
            errors = [sync.exception() for sync in syncs]
        for error in filter(None, errors):
            raise error
