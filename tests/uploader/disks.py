"""Disks of a process that is killed, and disks that fail, without touching code of ours.

Python tells its audit hooks before it asks the system for anything; a hook can look, or refuse.
"""

import errno
import shutil
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.uploader.bench import Bench
from uploader.store import Upload

EVENTS = frozenset({"open", "os.rename", "os.remove", "os.mkdir"})


class KillPoints:
    """Copies the folder and the store whenever this thread is about to change a file in the folder.

    Each copy is what kill -9 at that moment would leave. Other threads only make and remove slots
    that nobody has taken.
    """

    def __init__(self, bench: Bench, copies: Path) -> None:
        self.found: list[tuple[Path, dict[str, Upload]]] = []
        self._bench, self._folder, self._copies = bench, bench.spool.queue.folder, copies
        self._on, self._thread = True, threading.get_ident()
        sys.addaudithook(self._hook)

    def stop(self) -> None:
        self._on = False

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in EVENTS or threading.get_ident() != self._thread:
            return
        if not self._on or str(self._folder) not in str(arguments[0]):
            return
        self._on = False
        copy = self._copies / str(len(self.found))
        shutil.copytree(self._folder, copy, copy_function=_copied)
        self.found.append((copy, dict(self._bench.store.objects)))
        self._on = True


def without_slots(folder: Path) -> None:
    """From now on what comes is written as new files: something lies where slots would."""
    (folder / "slots").rmdir()
    (folder / "slots").touch()


def _copied(from_: str, to: str) -> None:
    with suppress(FileNotFoundError):
        shutil.copy2(from_, to)


class FailingDisk:
    """Refuses what it is told to, until it is told nothing more."""

    def __init__(self) -> None:
        self._refused: tuple[tuple[str, str], ...] = ()
        sys.addaudithook(self._hook)

    def refuse(self, *refused: tuple[str, str]) -> None:
        """(event, end of the path) of each."""
        self._refused = refused

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        for refused, ending in self._refused:
            if event == refused and str(arguments[0]).endswith(ending):
                raise OSError(errno.EIO, "Input/output error")
