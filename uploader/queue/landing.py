"""How entries get onto the disk, several at once, for the price of one flush of it.

    step                                   if it ends here, the next start
    1 written to <name>.tmp, and handed    removes it
      to the disk, not flushed
    2 renamed to <name>                    after kill -9 finds it whole; after a power cut finds
                                           nothing, or it, whole
    3 file and folder fsynced, at once     finds it whole

It is accepted after step 3 only. Handing over (sync_file_range) comes before the rename so that no
file system can have the name on the disk without what it names. One that could all the same leaves
a torn entry that nobody was promised: that is seen when it is read, and set aside.
"""

import ctypes
import errno
import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from models import durable
from uploader.errors import SpoolError, Unsettled
from uploader.queue.disk_errors import failed, translated

AT_ONCE = 16
"""Files of one flush."""

_HAND_OVER = 1 | 2 | 4
"""SYNC_FILE_RANGE_WAIT_BEFORE, _WRITE and _WAIT_AFTER."""
_UNKNOWN = (errno.ENOSYS, errno.EINVAL, errno.ESPIPE)

_libc = ctypes.CDLL(None, use_errno=True)


class Arrival:
    """A file on its way to the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._temp = path.with_name(path.name + durable.TEMP)
        self._file = -1

    def write(self, *chunks: bytes) -> None:
        """Writes the file, still under its temporary name. Raises OSError."""
        self._file = os.open(
            self._temp, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644
        )
        for chunk in chunks:
            rest = memoryview(chunk)
            while rest:
                rest = rest[os.write(self._file, rest) :]
        _hand_over(self._file)

    def rename(self) -> None:
        """Gives it its name. Raises OSError."""
        os.rename(self._temp, self.path)

    def sync(self) -> None:
        """Flushes it. Raises OSError."""
        os.fsync(self._file)

    def close(self) -> None:
        """Removes what is left of a file that did not get its name; may be called twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        with suppress(OSError):
            self._temp.unlink()

    def undo(self) -> bool:
        """Takes the name away again; returns whether it surely never was there."""
        try:
            self.path.lstat()
        except OSError as error:
            return isinstance(error, FileNotFoundError)
        with suppress(OSError):
            self.path.unlink()
        return False


class Landing:
    """Lands files in one folder. Thread-safe; `close` may be called twice."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pool = ThreadPoolExecutor(AT_ONCE, "spool-sync")

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
            cause = error.__cause__
            if all(absent) or not isinstance(cause, OSError):
                raise
            raise Unsettled(failed(self._folder, cause)) from cause

    def close(self) -> None:
        """Ends the threads."""
        self._pool.shutdown()

    def _flush(self, arrivals: Sequence[Arrival]) -> None:
        for arrival in arrivals:
            arrival.rename()
        syncs: list[Future[None]] = [self._pool.submit(durable.sync_folder, self._folder)]
        syncs += [self._pool.submit(arrival.sync) for arrival in arrivals[1:]]
        try:
            arrivals[0].sync()
        finally:
            errors = [sync.exception() for sync in syncs]
        for error in filter(None, errors):
            raise error


def _hand_over(descriptor: int) -> None:
    """Has what was written so far put onto the disk, so that no later name can overtake it."""
    if _libc.sync_file_range(descriptor, ctypes.c_int64(0), ctypes.c_int64(0), _HAND_OVER):
        number = ctypes.get_errno()
        if number not in _UNKNOWN:
            raise OSError(number, os.strerror(number))
