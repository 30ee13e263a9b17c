"""A little room on the disk for what has to be written before anything can be removed.

A frame that is in the store goes only after a line about it is written. On a disk that is full to
the last byte, or to the last file, nothing could ever go: then the reserve is spent, and filled
again when there is room. Nothing new is accepted into that room.
"""

import os
from contextlib import suppress
from pathlib import Path

NAME = "reserve"
FILES, MOST_BYTES = 4, 64 << 10
SHARE = 64
"""Each file takes at most this part of what is free."""


class Reserve:
    """A folder of empty files in the spool. It raises nothing: one that cannot be filled is spent.

    missing_bytes: so much is to be kept free for it.
    """

    def __init__(self, spool: Path) -> None:
        self._folder = spool / NAME
        self.missing_bytes = FILES * MOST_BYTES
        self.fill()

    def fill(self) -> None:
        """Takes the room, where there is some."""
        if not self.missing_bytes:
            return
        with suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            disk = os.statvfs(self._folder)
            size = min(MOST_BYTES, disk.f_bavail * disk.f_frsize // SHARE)
            for number in range(FILES):
                _allocate(self._folder / str(number), size)
            self.missing_bytes = 0

    def spend(self) -> None:
        """Frees the room."""
        self.missing_bytes = FILES * MOST_BYTES
        for number in range(FILES):
            with suppress(OSError):
                (self._folder / str(number)).unlink()


def _allocate(path: Path, size: int) -> None:
    """Room that is the file's, whatever else is written. Raises OSError."""
    if path.exists():
        return
    with open(path, "wb") as file:
        if size:
            os.posix_fallocate(file.fileno(), 0, size)
