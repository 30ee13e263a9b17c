"""A few slots (uploader/queue/slot.py) that wait for entries, made again by a thread of their own.

They are an eighth larger than the largest entry of late, and an entry takes one that is at most
twice as large as itself. So its bytes are written twice, as SQLite writes them to its log and its
table, and never more than three times. Where there is none that fits, or no room for any, an entry
comes as a new file; so nothing here raises, and nothing is counted: no entry is lost for it.
"""

import os
import threading
from collections import deque
from contextlib import suppress
from itertools import count
from pathlib import Path

from models import durable
from uploader.queue.new_file import hand_over, write_all
from uploader.queue.slot import Blank, Slot
from uploader.queue.tail import Tail

NAME, SUFFIX = "slots", ".slot"
FILES, MOST_BYTES = 32, 8 << 20
"""Of all slots together."""
SHARE = 64
"""They take at most this part of what is free on the disk, above what has to stay free."""
PAGE, HEADROOM = 4096, 8
LATELY = 64
"""Entries after which slots may become smaller."""


class Slots:
    """Thread-safe; `close` may be called twice.

    min_free_bytes: of the disk; below that there are no slots.
    """

    def __init__(self, spool: Path, min_free_bytes: int) -> None:
        self.folder = spool / NAME
        self._min_free_bytes = min_free_bytes
        self._ready, self._numbers = deque[Blank](), count(1)
        self._uncut = deque[tuple[int, int]]()
        self._size, self._largest, self._seen = PAGE, 0, 0
        self._guard, self._filling = threading.Lock(), threading.Lock()
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None
        self._closed = False
        with suppress(OSError):
            self.folder.mkdir(exist_ok=True)

    def take(self, path: Path, tail: Tail) -> Slot | None:
        """One for the entry of that tail, which is to have that path; in order of their numbers."""
        last = bytes(tail)
        needs = tail.name.size + len(last)
        with self._guard:
            self._learn(needs)
            fits = self._ready and needs <= self._ready[0].size <= 2 * needs
            blank = self._ready.popleft() if fits else None
            if len(self._ready) <= self._most(self._size) // 2 or not fits:
                self._want()
        return None if blank is None else Slot(blank, path, tail.name.size, last, self._cut_later)

    def fill(self) -> None:
        """Makes those that are missing; the thread does so where half of them are taken."""
        with self._filling, suppress(OSError):
            self._fill(self._size)

    def spend(self) -> bool:
        """Gives the room of all back; returns whether there were any."""
        with self._guard:
            spent, self._ready = self._ready, deque()
        for blank in spent:
            blank.drop()
        return bool(spent)

    def sync(self) -> None:
        """What left this folder is gone for good. Raises OSError."""
        if self.folder.is_dir():
            durable.sync_folder(self.folder)

    def close(self) -> None:
        """Ends the thread, and removes what nobody has taken."""
        with self._guard:
            self._closed, thread = True, self._thread
        self._wanted.set()
        if thread is not None:
            thread.join()
        self.spend()
        self._cut()

    def _most(self, size: int) -> int:
        return min(FILES, MOST_BYTES // size)

    def _learn(self, needs: int) -> None:
        """The size of those that are made from now on."""
        self._largest, self._seen = max(self._largest, needs), self._seen + 1
        if needs > self._size or self._seen == LATELY:
            self._size = -(-(self._largest + self._largest // HEADROOM) // PAGE) * PAGE
            self._largest, self._seen = needs, 0

    def _want(self) -> None:
        if self._thread is None and not self._closed:
            self._thread = threading.Thread(target=self._tend, name="spool-slots", daemon=True)
            self._thread.start()
        self._wanted.set()

    def _tend(self) -> None:
        while not self._closed:
            self._wanted.wait()
            self._wanted.clear()
            self.fill()
            self._cut()

    def _cut_later(self, file: int, size: int) -> None:
        self._uncut.append((file, size))
        if len(self._uncut) > FILES:
            self._cut(1)

    def _cut(self, most: int = FILES) -> None:
        """What is not cut is longer than its entry, and read all the same."""
        for _ in range(most):
            try:
                file, size = self._uncut.popleft()
            except IndexError:
                return
            with suppress(OSError):
                os.ftruncate(file, size)
            os.close(file)

    def _fill(self, size: int) -> None:
        with self._guard:
            others = [blank for blank in self._ready if blank.size != size]
            self._ready = deque(blank for blank in self._ready if blank.size == size)
            missing = self._most(size) - len(self._ready)
        for blank in others:
            blank.drop()
        if self._closed or missing <= 0 or not self._room(size):
            return
        made = self._made(size, missing)
        with self._guard:
            self._ready.extend(made)

    def _room(self, size: int) -> bool:
        disk = os.statvfs(self.folder.parent)
        free = disk.f_bavail * disk.f_frsize - self._min_free_bytes
        files = disk.f_favail if disk.f_files else FILES * SHARE
        return min(free // size, files) >= self._most(size) * SHARE

    def _made(self, size: int, missing: int) -> list[Blank]:
        """So many, on the disk with their names. Raises OSError: then there is none of them."""
        made, zeros = list[Blank](), bytes(size)
        try:
            for _ in range(missing):
                made.append(self._new(size))
                write_all(made[-1].file, [zeros])
                hand_over(made[-1].file, wait=False)
                os.lseek(made[-1].file, 0, os.SEEK_SET)
            for blank in made:
                hand_over(blank.file)
            os.fsync(made[-1].file)
            durable.sync_folder(self.folder)
        except OSError:
            for blank in made:
                blank.drop()
            raise
        return made

    def _new(self, size: int) -> Blank:
        path = self.folder / f"{next(self._numbers):012}{SUFFIX}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        return Blank(path, os.open(path, flags, 0o644), size)
