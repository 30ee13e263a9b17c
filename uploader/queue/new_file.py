"""A file on its way to the disk that did not exist before."""

import ctypes
import errno
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from models import durable

_START, _END = 2, 1 | 2 | 4
"""Of sync_file_range: WRITE; WAIT_BEFORE, WRITE and WAIT_AFTER."""
_UNKNOWN = (errno.ENOSYS, errno.EINVAL, errno.ESPIPE)

_libc = ctypes.CDLL(None, use_errno=True)


class NewFile:
    """An arrival (uploader/queue/landing.py) that waits for the journal of the file system."""

    slot = ""
    flushed = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self.over = False
        self._temp = path.with_name(path.name + durable.TEMP)
        self._file = -1
        self._named = False

    def write(self, *chunks: bytes) -> None:
        """Writes the file, still under its temporary name, and hands it over. Raises OSError."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        self._file = os.open(self._temp, flags, 0o644)
        write_all(self._file, chunks)
        hand_over(self._file)

    def rename(self) -> None:
        """Gives it its name. Raises OSError."""
        os.rename(self._temp, self.path)
        self._named = True

    def sync(self) -> None:
        """Flushes it. Raises OSError."""
        os.fsync(self._file)

    def close(self) -> None:
        """Removes what is left of a file that did not get its name; may be called twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        if not self._named:
            with suppress(OSError):
                self._temp.unlink()
        self.over = True

    def undo(self) -> bool:
        """Takes the name away again; returns whether it surely never was there."""
        self.over = True
        try:
            self.path.lstat()
        except OSError as error:
            return isinstance(error, FileNotFoundError)
        with suppress(OSError):
            self.path.unlink()
        return False


def write_all(descriptor: int, chunks: Iterable[bytes]) -> None:
    """Writes all of them, one behind the other. Raises OSError: then not to the end."""
    rest = [memoryview(chunk) for chunk in chunks]
    while rest:
        written = os.writev(descriptor, rest)
        while rest and written >= len(rest[0]):
            written -= len(rest.pop(0))
        if rest:
            rest[0] = rest[0][written:]


def hand_over(descriptor: int, wait: bool = True) -> None:
    """Has what was written so far put onto the disk, so that no later name can overtake it.

    Not flushed: it may lie in a cache of the disk. wait: until that is done. Raises OSError; does
    nothing where the file system does not know how.
    """
    how = _END if wait else _START
    if _libc.sync_file_range(descriptor, ctypes.c_int64(0), ctypes.c_int64(0), how):
        number = ctypes.get_errno()
        if number not in _UNKNOWN:
            raise OSError(number, os.strerror(number))
