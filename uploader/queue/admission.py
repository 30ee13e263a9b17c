"""Who may come into the spool, and what is let go for it."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from uploader.errors import Damaged, SpoolFull
from uploader.lines.tombstone import Reason
from uploader.queue.bounds import Lack, lack, worth_less
from uploader.queue.disk_errors import translated
from uploader.queue.entry import read_header
from uploader.queue.entry_name import EntryName
from uploader.queue.landing import Arrival
from uploader.queue.quarantine import Quarantine
from uploader.queue.reserve import Reserve
from uploader.queue.slots import Slots
from uploader.queue.stock import Stock
from uploader.queue.waiting import Backlog
from uploader.settings import SpoolSettings


class Doomed(NamedTuple):
    """An entry that is to be let go, and what its file says before the body."""

    name: EntryName
    header: Mapping[str, Any]


class Going(NamedTuple):
    """What is held, to be let go, and why."""

    doomed: list[Doomed]
    reason: Reason


class Coming(NamedTuple):
    """An entry that is being accepted. chunks: the bytes of its file."""

    name: EntryName
    arrival: Arrival
    chunks: tuple[bytes, bytes]


LetGo = Callable[[Sequence[Doomed], Reason], None]
"""Removes entries that are held, after writing down what they were. Raises SpoolError."""


class Admission:
    """The bounds of a spool. Callers hold a lock.

    arriving: those that were admitted and do not wait yet: producers that put at once cannot
    overfill.
    """

    def __init__(
        self,
        folder: Path,
        settings: SpoolSettings,
        stock: Stock,
        quarantine: Quarantine,
        reserve: Reserve,
        slots: Slots,
    ) -> None:
        self._folder, self._settings, self._stock = folder, settings, stock
        self._quarantine, self._reserve, self._slots = quarantine, reserve, slots
        self.arriving: set[EntryName] = set()

    def admit(self, name: EntryName, free_bytes: int, may_let_go: bool) -> Going | None:
        """Holds room for an entry, and what has to go first; None where there is room.

        Raises SpoolFull where there is none, and nothing that is worth less.
        """
        lacking = self._lack(name, free_bytes)
        if lacking is not None and lacking.reason == "min_free_bytes" and self._slots.spend():
            lacking = self._lack(name, self.free_bytes())
        if lacking is not None:
            doomed = self._worth_less(name, lacking) if may_let_go else []
            if not doomed:
                raise SpoolFull(self._full(lacking))
            self.arriving.add(name)
            return Going(doomed, lacking.reason)
        self.arriving.add(name)
        return None

    def expired(self, before_day: int, limit: int) -> list[Doomed]:
        """Holds at most so many of the entries that were accepted before that day."""
        while True:
            names = list(islice(self._stock.older_than(before_day), limit))
            doomed = self._held(names)
            if doomed or not names:
                return doomed

    def _worth_less(self, new: EntryName, lacking: Lack) -> list[Doomed]:
        while True:
            names = worth_less(self._stock.least(), lacking, new)
            doomed = self._held(names)
            if doomed or not names:
                return doomed

    def _held(self, names: Iterable[EntryName]) -> list[Doomed]:
        """None where one cannot be read: that is never let go, but set aside when it is sent."""
        doomed: list[Doomed] = []
        for name in names:
            try:
                doomed.append(Doomed(name, read_header(self._folder / str(name))))
            except Damaged:
                self._stock.spare([name.id])
                return []
        self._stock.hold(name for name, _ in doomed)
        return doomed

    def _lack(self, name: EntryName, free_bytes: int) -> Lack | None:
        if name.value is None:
            return None
        arriving = Backlog(len(self.arriving), sum(name.size for name in self.arriving))
        parts = zip(self._stock.waiting, self._quarantine.holds, arriving, strict=True)
        free_bytes -= self._reserve.missing_bytes
        return lack(self._settings, Backlog(*map(sum, parts)), free_bytes, name.size)

    def free_bytes(self) -> int:
        """Of the disk; the one question that needs no lock. Raises SpoolError."""
        with translated(self._folder):
            disk = os.statvfs(self._folder)
        return disk.f_bavail * disk.f_frsize

    def _full(self, lacking: Lack) -> str:
        return (
            f"the spool {self._folder} takes nothing more: {lacking.why}, "
            f"{self._stock.waiting.entries} entries wait, {self._quarantine.holds.entries} lie in "
            "quarantine, and what would have to go is worth more, or may be in the store: see why "
            "uploads do not leave, or give it more room"
        )
