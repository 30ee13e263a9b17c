"""A temporary folder that goes with the process that needs it, even when that one is killed."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

PREFIX = "vision-app-bundle-"
YOUNG_S = 60.0
"""A folder of this age may belong to a process that is just about to lock it."""


@contextmanager
def own_folder() -> Iterator[Path]:
    """An empty folder until the block ends; what killed processes left is taken away first."""
    _sweep()
    with TemporaryDirectory(prefix=PREFIX) as name, _locked(Path(name)):
        yield Path(name)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """The lock is the kernel's: it is given back however the process ends. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _sweep() -> None:
    for folder in Path(gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > YOUNG_S:
                with _locked(folder):
                    shutil.rmtree(folder)
