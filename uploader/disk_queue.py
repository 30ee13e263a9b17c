"""A queue of future objects that survives kill -9 and power cuts, because the folder is the queue.

One file, `<id>.entry`, is one entry (uploader/entry.py). `accept` returns when the file and its
name are on the disk; an entry goes only when it is removed. At a bound, or when the disk fails,
nothing is accepted and an error says why. Memory is bounded whatever waits (uploader/waiting.py).

In the folder lie also `spool.lock`, `quarantine/` (uploader/quarantine.py), `records/`
(uploader/batch.py) and `chain/` (uploader/receipts/chain.py).
"""

import errno
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from models import durable
from uploader import lock, quarantine
from uploader.entry import Entry, pack, unpack
from uploader.errors import Damaged, SpoolError, SpoolFull, Unsettled
from uploader.identity import is_id
from uploader.lock import Lock
from uploader.quarantine import Quarantine
from uploader.settings import SpoolSettings
from uploader.waiting import Backlog, Waiting

ENTRY = ".entry"
RECORDS, OPEN, CHAIN = "records", "open.jsonl", "chain"
OURS = frozenset({lock.NAME, quarantine.NAME, RECORDS, CHAIN})


class DiskQueue:
    """Entries on a disk. Every method is thread-safe; all raise SpoolError when the disk fails.

    arrived: set whenever an entry was accepted, so that the uploader need not poll.
    """

    def __init__(self, folder: Path, settings: SpoolSettings) -> None:
        """Raises SpoolError when the folder is no spool, is in use, or cannot be written."""
        self.folder = folder
        self.arrived = threading.Event()
        self._settings = settings
        self._guard = threading.Lock()
        self._waiting = Waiting()
        self._arriving: dict[str, int] = {}
        self._lock = Lock(folder)
        try:
            with translated(folder):
                self._quarantine = Quarantine(folder)
                self._tidy()
                self._waiting.refill(self._entries())
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

    def accept(self, entry: Entry) -> None:
        """Returns when the entry would survive a power cut.

        Raises SpoolFull when a bound is reached, and Unsettled when a power cut may bring back what
        was not accepted. Records, which speak of frames that are in the store already, are taken
        past the bounds and go first.
        """
        head, body = pack(entry)
        size, records = len(head) + len(body), entry.kind == "records"
        self._reserve(entry.id, size, bounded=not records)
        landed = False
        try:
            self._write(self._path(entry.id), head, body)
            landed = True
        finally:
            with self._guard:
                del self._arriving[entry.id]
                if landed:
                    self._waiting.add(entry.id, size, first=records)
        self.arrived.set()

    def oldest(self) -> str | None:
        """The id whose turn it is; None when nothing waits."""
        with self._guard, translated(self.folder):
            if self._waiting.run_dry:
                self._waiting.refill(self._entries())
            return self._waiting.oldest()

    def holds(self, id: str) -> bool:
        """Whether an entry of that id lies on the disk."""
        return self._path(id).exists()

    def read(self, id: str) -> Entry:
        """The entry, verified bit by bit. Raises Damaged: it is to be quarantined."""
        try:
            with translated(self.folder):
                data = self._path(id).read_bytes()
        except SpoolError as error:
            cause = error.__cause__
            if isinstance(cause, OSError) and cause.errno in (
                errno.EIO,
                errno.ENOENT,
                errno.EISDIR,
            ):
                raise Damaged(f"{id} cannot be read ({cause.strerror})") from cause
            raise
        return unpack(id, data)

    def remove(self, id: str) -> None:
        """Lets go of an entry that is in the store."""
        path = self._path(id)
        with self._guard, translated(self.folder):
            size = _size(path)
            path.unlink(missing_ok=True)
            self._waiting.remove(id, size)

    def postpone(self, id: str) -> None:
        """Lets the other entries go first, so that one that is refused does not block them."""
        with self._guard:
            self._waiting.postpone(id)

    def quarantine(self, id: str, why: str) -> None:
        """Sets an entry aside with the reason; it is never sent."""
        path = self._path(id)
        with self._guard, translated(self.folder):
            size = _size(path)
            with suppress(FileNotFoundError):
                self._quarantine.take(path, why)
            self._waiting.remove(id, size)

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

    def _reserve(self, id: str, size: int, bounded: bool) -> None:
        """Holds room while an entry is written: producers that put at once cannot overfill."""
        with self._guard:
            if bounded:
                self._refuse_when_full(size)
            self._arriving[id] = size

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
        held = waiting.size_bytes + aside.size_bytes + sum(self._arriving.values())
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

    def _entries(self) -> Iterator[tuple[str, int]]:
        """(id, size) of every accepted entry on the disk, in no order."""
        with os.scandir(self.folder) as found:
            for item in found:
                id = item.name.removesuffix(ENTRY)
                if _is_entry(item) and id not in self._arriving:
                    yield id, item.stat().st_size

    def _tidy(self) -> None:
        """Removes what was never finished; quarantines what is not ours, or is empty."""
        with os.scandir(self.folder) as found:
            for item in found:
                if item.name.endswith(ENTRY + durable.TEMP):
                    os.unlink(item.path)
                elif item.name not in OURS and not _is_entry(item):
                    with suppress(OSError):  # one that cannot be moved is never taken for an entry
                        self._quarantine.take(
                            Path(item.path), "This file is no entry of the spool."
                        )

    def _path(self, id: str) -> Path:
        return self.folder / f"{id}{ENTRY}"


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


def _is_entry(item: os.DirEntry[str]) -> bool:
    """By name and size alone; what is inside is verified when it is read."""
    named = item.name.endswith(ENTRY) and is_id(item.name.removesuffix(ENTRY))
    return named and item.is_file(follow_symlinks=False) and item.stat().st_size > 0


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except FileNotFoundError:
        return 0
