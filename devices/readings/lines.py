"""The lines of a text file, from its beginning, or as they are appended to it."""

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from devices.closeable import Closeable
from devices.errors import DeviceLost, DeviceUnavailable

MAX_LINE = 1 << 16
"""Bytes of one line; a longer one is no sensor's row, and comes in pieces of this size."""

BOM = "\ufeff"


class Lines(Closeable):
    """An open text file in UTF-8, read line by line; what is no UTF-8 becomes U+FFFD.

    begins: the line that `next` returned last is the first of a file.
    """

    def __init__(self, path: Path, follow: bool = False) -> None:
        """follow: whole lines only; and where the file was cut, or another took its place, on from
        the beginning of what is there now. Raises DeviceUnavailable.
        """
        self.path, self.begins = path, False
        self._follow = follow
        self._fresh, self._part = True, b""
        try:
            self._open()
        except OSError as error:
            raise DeviceUnavailable(f"{path} cannot be read: {error.strerror}") from error

    def next(self) -> str:
        """The next line; empty when there is none (now). Raises DeviceLost."""
        try:
            line = self._line()
            if not line and self._follow and self._moved_on():
                line = self._line()
        except (OSError, ValueError) as error:
            raise DeviceLost(f"{self.path} cannot be read any more: {error}") from error
        if not line:
            return ""
        self.begins, self._fresh = self._fresh, False
        text = line.decode("utf-8", errors="replace")
        return text.removeprefix(BOM) if self.begins else text

    def rewind(self) -> None:
        """The next line is the first. Raises DeviceLost."""
        try:
            self._file.seek(0)
        except (OSError, ValueError) as error:
            raise DeviceLost(f"{self.path} cannot be read any more: {error}") from error
        self._fresh, self._part = True, b""

    def skip(self) -> None:
        """Passes all lines that are there. Raises DeviceLost."""
        while self.next():
            pass

    def close(self) -> None:
        """Closes the file; may be called twice."""
        self._file.close()

    def _open(self) -> None:
        self._file: BinaryIO = self.path.open("rb")
        self._fresh, self._part = True, b""

    def _line(self) -> bytes:
        """A line; of a file that is followed only one that has its end."""
        line = self._part + self._file.readline(MAX_LINE - len(self._part))
        whole = not self._follow or line.endswith(b"\n") or len(line) >= MAX_LINE
        self._part = b"" if whole else line
        return line if whole else b""

    def _moved_on(self) -> bool:
        """Whether there is something else to read now, in a file that was read to its end."""
        ours = os.fstat(self._file.fileno())
        if ours.st_size < self._file.tell():
            self.rewind()
            return True
        with suppress(FileNotFoundError):  # between two files: the next one is still to come
            there = self.path.stat()
            if (there.st_dev, there.st_ino) != (ours.st_dev, ours.st_ino):
                self._file.close()
                self._open()
                return True
        return False
