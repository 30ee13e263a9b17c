"""A queue of future objects that survives kill -9 and power cuts, because the folder is the queue.

One file is one entry (uploader/entry.py), and its name says what has to be known of all entries at
once (uploader/entry_name.py). `accept` returns when the file and its name are on the disk; an entry
goes only when it is removed. At a bound, or when the disk fails, nothing is accepted and an error
says why. Memory is bounded whatever waits (uploader/waiting.py).

In the folder lie also `spool.lock`, `quarantine/` (uploader/quarantine.py), `records/`
(uploader/batch.py), `chain/` (uploader/receipts/chain.py) and `choosing/` (uploader/choosing).
"""

import errno
import os
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from models import durable
from uploader.entries import entries, tidied
from uploader.entry import Entry, name_of, pack, unpack
from uploader.entry_name import LANES, EntryName, Lane
from uploader.errors import Damaged, SpoolError, SpoolFull, Unsettled
from uploader.lock import Lock
from uploader.quarantine import Quarantine
from uploader.settings import SpoolSettings
from uploader.waiting import Backlog, Waiting

UNNUMBERED = EntryName("", "", 0, None, 0, 0)


class DiskQueue:
    """Entries on a disk. Every method is thread-safe; all raise SpoolError when the disk fails.

    arrived: set whenever an entry was accepted, so that the uploader need not poll. newest: of each
    chain (8 digits) whose frames waited at the start, the one with the highest number.
    """

    def __init__(self, folder: Path, settings: SpoolSettings) -> None:
        """Raises SpoolError when the folder is no spool, is in use, or cannot be written."""
        self.folder = folder
        self.arrived = threading.Event()
        self._settings = settings
        self._guard = threading.Lock()
        self._waiting = Waiting()
        self._arriving: dict[EntryName, None] = {}
        self._lock = Lock(folder)
        self.newest: dict[str, EntryName] = {}
        try:
            with translated(folder):
                self._quarantine = Quarantine(folder)
                self._waiting.refill(map(self._met, tidied(folder, self._quarantine)))
        except SpoolError:
            self._lock.close()
            raise

    @property
    def waiting(self) -> Backlog:
        """How many entries wait, and their bytes."""
        return self._waiting.backlog

    @property
    def quarantined(self) -> Backlog:
        """How many files were set aside, now and in earlier runs, and their bytes."""
        return self._quarantine.holds

    def accept(self, entry: Entry, day: int = 0) -> EntryName:
        """Returns when the entry would survive a power cut. day: today, by the steady clock.

        Raises SpoolFull when a bound is reached, and Unsettled when a power cut may bring back what
        was not accepted. Records, which speak of frames that are in the store already, are taken
        past the bounds and go first.
        """
        head, body = pack(entry)
        name = name_of(entry.id, entry.kind, entry.record, day, len(head) + len(body))
        self._reserve(name)
        landed = False
        try:
            self._write(self._path(name), head, body)
            landed = True
        finally:
            with self._guard:
                del self._arriving[name]
                if landed:
                    self._waiting.add(name)
        self.arrived.set()
        return name

    def oldest(self, lanes: Collection[Lane] = LANES) -> EntryName | None:
        """The one of these lanes whose turn it is; None when nothing waits in them."""
        with self._guard, translated(self.folder):
            if self._waiting.run_dry(lanes):
                self._waiting.refill(self._entries())
            return self._waiting.oldest(lanes)

    def named(self, ids: Collection[str]) -> list[EntryName]:
        """Those of these ids that lie on the disk: all names are gone through."""
        with translated(self.folder):
            return [name for name in entries(self.folder) if name.id in ids]

    def read(self, name: EntryName) -> Entry:
        """The entry, verified bit by bit. Raises Damaged: it is to be quarantined."""
        try:
            with translated(self.folder):
                data = self._path(name).read_bytes()
        except SpoolError as error:
            cause = error.__cause__
            if isinstance(cause, OSError) and cause.errno in (
                errno.EIO,
                errno.ENOENT,
                errno.EISDIR,
            ):
                raise Damaged(f"{name.id} cannot be read ({cause.strerror})") from cause
            raise
        return unpack(name, data)

    def remove(self, name: EntryName) -> None:
        """Lets go of an entry that is in the store."""
        with self._guard, translated(self.folder):
            there = True
            try:
                self._path(name).unlink()
            except FileNotFoundError:
                there = False
            self._waiting.remove(name, there)

    def postpone(self, name: EntryName) -> None:
        """Lets the other entries go first, so that one that is refused does not block them."""
        with self._guard:
            self._waiting.postpone(name)

    def quarantine(self, name: EntryName, why: str) -> None:
        """Sets an entry aside with the reason; it is never sent."""
        with self._guard, translated(self.folder):
            there = True
            try:
                self._quarantine.take(self._path(name), why)
            except FileNotFoundError:
                there = False
            self._waiting.remove(name, there)

    def set_aside(self, path: Path, why: str) -> None:
        """Quarantines another file of the spool."""
        with self._guard, translated(self.folder):
            self._quarantine.take(path, why)

    def sync(self) -> None:
        """Returns when every removal so far would survive a power cut."""
        with translated(self.folder):
            durable.sync_folder(self.folder)

    def close(self) -> None:
        """Lets another process use the folder; what waits stays on the disk."""
        self._lock.close()

    def _reserve(self, name: EntryName) -> None:
        """Holds room while an entry is written: producers that put at once cannot overfill."""
        with self._guard:
            if name.value is not None:
                self._refuse_when_full(name.size)
            self._arriving[name] = None

    def _write(self, path: Path, head: bytes, body: bytes) -> None:
        with translated(self.folder):
            try:
                durable.write(path, head, body)
            except OSError as error:
                absent = _absent(path)
                with suppress(OSError):
                    path.unlink()
                if absent:
                    raise
                raise Unsettled(_failed(self.folder, error)) from error

    def _refuse_when_full(self, size: int) -> None:
        limits, waiting, aside = self._settings, self.waiting, self.quarantined
        count = waiting.entries + aside.entries + len(self._arriving)
        held = waiting.size_bytes + aside.size_bytes + sum(name.size for name in self._arriving)
        if count >= limits.max_count:
            why = f"max_count allows {limits.max_count} entries"
        elif held + size > limits.max_bytes:
            why = f"max_bytes allows {limits.max_bytes} bytes and {held} are taken"
        elif self._free_bytes() - size < limits.min_free_bytes:
            why = f"min_free_bytes keeps {limits.min_free_bytes} bytes of the disk free"
        else:
            return
        raise SpoolFull(
            f"the spool {self.folder} takes nothing more: {why}, {waiting.entries} entries wait, "
            f"{aside.entries} lie in quarantine: see why uploads do not leave, or give it more room"
        )

    def _free_bytes(self) -> int:
        with translated(self.folder):
            disk = os.statvfs(self.folder)
        return disk.f_bavail * disk.f_frsize

    def _entries(self) -> Iterator[EntryName]:
        """Every accepted entry on the disk, in no order."""
        return (name for name in entries(self.folder) if name not in self._arriving)

    def _met(self, name: EntryName) -> EntryName:
        if name.chain and name.number > self.newest.get(name.chain, UNNUMBERED).number:
            self.newest[name.chain] = name
        return name

    def _path(self, name: EntryName) -> Path:
        return self.folder / str(name)


@contextmanager
def translated(folder: Path) -> Iterator[None]:
    """Turns what the operating system says of the spool's disk into SpoolFull or SpoolError."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise SpoolFull(f"the disk of the spool {folder} is full: free some of it") from error
        raise SpoolError(_failed(folder, error)) from error


def _failed(folder: Path, error: OSError) -> str:
    return f"the disk of the spool {folder} failed ({error.strerror}): look at the disk"


def _absent(path: Path) -> bool:
    """Whether there is surely no such file."""
    try:
        path.lstat()
    except OSError as error:
        return isinstance(error, FileNotFoundError)
    return False
