"""One process per spool."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from models import durable
from uploader.errors import SpoolError

NAME = "spool.lock"


class Lock:
    """Held until `close` or the end of the process, however it ends; marks a folder as a spool."""

    def __init__(self, folder: Path) -> None:
        """Raises SpoolError when the folder is no spool, is in use, or cannot be written."""
        try:
            _prepare(folder)
            self._file = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise SpoolError(
                f"the spool {folder} cannot be written ({error.strerror}): "
                "make it writable or name another in [spool] folder"
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(self._file, 20).decode().strip() or "unknown"
            self.close()
            raise SpoolError(
                f"the spool {folder} is in use by process {holder}: "
                "stop it or name another in [spool] folder"
            ) from error
        with suppress(OSError):  # a full disk hides who holds it, not that it is held
            os.ftruncate(self._file, 0)
            os.write(self._file, f"{os.getpid()}\n".encode())

    def close(self) -> None:
        """Lets the next process in; may be called twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def holder(folder: Path) -> int:
    """The process that uses the spool; 0 where none does. Asks without getting in anybody's way.

    Files on two disks may have one number: so it must be the process that wrote itself down, where
    the disk had room for that.
    """
    file = folder / NAME
    inode, written = f":{file.stat().st_ino}", file.read_text().strip()
    for line in Path("/proc/locks").read_text().splitlines():
        process, place = line.split()[4:6]
        if place.endswith(inode) and written in (process, ""):
            return int(process)
    return 0


def _prepare(folder: Path) -> None:
    """Makes the folder, for this user only; one with other things in it is somebody's documents."""
    if not folder.is_dir():
        durable.make_folder(folder)
        folder.chmod(0o700)
    elif not (folder / NAME).exists() and any(folder.iterdir()):
        raise SpoolError(
            f"{folder} is no spool and not empty: name an empty folder in [spool] folder"
        )
