"""A file of zeros that lies on the disk already, and takes one entry in place of them.

To overwrite what is there needs one flush, and no journal of the file system. Behind the entry
stands a line that tells a start, should it still lie here then, what it is:

    <the file of the entry, as it will be>\\n<slot of the one before, or -> <name of the entry>\\n
    <zeros>

A frame follows another in the chain of receipts. Where the one before has not landed yet, its slot
is named: as long as that lies here and is not whole, this one counts for nothing. Under its name
the file is cut to its length by and by; until then readers do it (uploader/queue/tail.py).
"""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from uploader.errors import Unsettled
from uploader.queue.disk_errors import failed
from uploader.queue.new_file import write_all

Cut = Callable[[int, int], None]
"""Cuts a file, by its descriptor, to that many bytes when there is time, and closes it."""


class Blank(NamedTuple):
    """A slot that nobody has taken. file: its descriptor, to write from the beginning."""

    path: Path
    file: int
    size: int

    def drop(self) -> None:
        """Gives its room back."""
        os.close(self.file)
        with suppress(OSError):
            self.path.unlink()


class Slot:
    """An arrival (uploader/queue/landing.py) that is on the disk as soon as it is written.

    size: of the entry's file. tail: the line behind it.
    """

    flushed = True

    def __init__(self, blank: Blank, path: Path, size: int, tail: bytes, cut: Cut) -> None:
        self.path, self.slot = path, blank.path.name
        self.over = False
        self._place, self._file, self._cut = blank.path, blank.file, cut
        self._size, self._tail = size, tail
        self._whole = self._named = False

    def write(self, *chunks: bytes) -> None:
        """Returns when it would survive a power cut. Raises OSError, Unsettled."""
        write_all(self._file, [*chunks, self._tail])
        self._whole = True
        try:
            os.fdatasync(self._file)
        except OSError as error:
            raise Unsettled(failed(self.path.parent, error)) from error

    def rename(self) -> None:
        """Gives it its name. Raises OSError."""
        os.rename(self._place, self.path)
        self._named = True

    def sync(self) -> None:
        """It was flushed when it was written."""

    def undo(self) -> bool:
        """Takes it away again; returns whether no start could have found it."""
        self.over = True
        with suppress(OSError):
            (self.path if self._named else self._place).unlink()
        return not self._whole

    def close(self) -> None:
        """Removes what did not get its name; may be called twice."""
        file, self._file = self._file, -1
        if file < 0:
            return
        if self._named:
            self._cut(file, self._size)
        else:
            os.close(file)
            self.undo()
