"""What the operating system says of the spool's disk, as errors of the spool."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from uploader.errors import SpoolError, SpoolFull


@contextmanager
def translated(folder: Path) -> Iterator[None]:
    """Turns what it says into SpoolFull or SpoolError."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise SpoolFull(f"the disk of the spool {folder} is full: free some of it") from error
        raise SpoolError(failed(folder, error)) from error


def failed(folder: Path, error: OSError) -> str:
    """The sentence for a disk that failed."""
    return f"the disk of the spool {folder} failed ({error.strerror}): look at the disk"
