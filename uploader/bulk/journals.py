"""The open and the sealed journals of all sensors: readings are written here as they come."""

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path

from models import durable
from models.anomaly.units import units
from uploader.bulk.form import Layout
from uploader.bulk.journal import Journal
from uploader.identity import is_id, new_id
from uploader.settings import BulkSettings

MAX_SEALED = 256
OPEN = ".open"
SEALED = ".sealed"
SYNC_EVERY_S = 1.0

Signals = Mapping[str, Mapping[str, str]]
"""Sensor → signal → unit (empty: none), of all that the configuration names."""

log = logging.getLogger("uploader")


class Journals:
    """A folder of journals. Thread-safe; what a full or broken disk loses is counted, never raised.

    problem: why readings are being lost now, or were within the last second or two, as a sentence;
    else empty. It is logged when it begins.
    """

    def __init__(
        self,
        folder: Path,
        settings: BulkSettings,
        signals: Signals,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Seals what an earlier run left open. Raises OSError."""
        self.problem = ""
        self._folder, self._settings = folder, settings
        self._guard = threading.Lock()
        self._losses: Counter[str] = Counter()
        self._layouts = {
            sensor: Layout(tuple(told), {**units(tuple(told)), **_named(told)})
            for sensor, told in signals.items()
        }
        self._open: dict[str, Journal] = {}
        self._closed = False
        self._clock, self._synced_s, self._failing = clock, clock(), False
        durable.make_folder(folder)
        self._unsynced: deque[Journal] = deque()
        self._sealed = deque((path, path.stat().st_size) for path in _left_behind(folder))
        self._waiting_bytes = sum(size for _, size in self._sealed)

    @property
    def losses(self) -> Mapping[str, int]:
        """Readings that are in no journal, by reason."""
        with self._guard:
            return dict(self._losses)

    def add(self, sensor: str, at: datetime, values: Mapping[str, float]) -> None:
        """Keeps a reading."""
        with self._guard:
            lost = "closed" if self._closed else self._added(sensor, at, values)
            if lost:
                self._losses[lost] += 1

    def sync(self) -> None:
        """Lets no power cut lose what came up to now; at most once a second."""
        self._finish_sealed()
        if self._clock() - self._synced_s < SYNC_EVERY_S:
            return
        self._synced_s = self._clock()
        if not self._failing:
            self.problem = ""
        self._failing = False
        with self._guard:
            open_journals = tuple(self._open.values())
        for journal in open_journals:
            try:
                journal.sync()
            except OSError as error:
                self._disk_fails(error)

    def seal(self, older_than_s: float) -> None:
        """Closes the journals that were begun so long ago or longer."""
        before_s = self._clock() - older_than_s
        with self._guard:
            for sensor in [s for s, journal in self._open.items() if journal.since_s <= before_s]:
                try:
                    self._seal(sensor)
                except OSError as error:
                    self._disk_fails(error)
        self._finish_sealed()

    def close(self) -> None:
        """Seals all; what is added from now on is lost, and counted."""
        with self._guard:
            self._closed = True
        self.seal(older_than_s=0)

    def oldest(self) -> Path | None:
        """The sealed journal whose turn it is."""
        with self._guard, suppress(IndexError):
            return self._sealed[0][0]
        return None

    def postpone(self) -> None:
        """Lets the other sealed journals go first."""
        with self._guard:
            self._sealed.rotate(-1)

    def done(self, torn: int) -> None:
        """Forgets the one whose turn it was: its file is gone. torn: rows in it that were lost."""
        with self._guard:
            _, size = self._sealed.popleft()
            self._waiting_bytes -= size
            if torn:
                self._losses["torn"] += torn

    def _added(self, sensor: str, at: datetime, values: Mapping[str, float]) -> str:
        """Why the reading was lost; empty when it was not."""
        try:
            journal = self._journal(sensor, at)
            if journal is None:
                return "backlog"
            journal.append(at, values)
        except OSError as error:
            self._disk_fails(error)
            return "disk"
        except ValueError:
            return "damaged"
        return ""

    def _journal(self, sensor: str, at: datetime) -> Journal | None:
        """The journal for a reading of that day; None when too many sealed ones wait."""
        journal = self._open.get(sensor)
        if journal and journal.date == at.date() and not self._is_full(journal):
            return journal
        count = len(self._sealed) + len(self._unsynced)
        if count >= MAX_SEALED or self._waiting_bytes >= self._settings.max_waiting_bytes:
            self._fails(
                f"sensor readings are lost: {count} files of them, "
                f"{self._waiting_bytes / 1e6:.1f} MB, wait for the spool"
            )
            return None
        self._seal(sensor)
        layout = self._layouts.get(sensor) or Layout((), {})
        path = self._folder / (sensor + OPEN)
        self._open[sensor] = Journal(path, at.date(), self._clock(), layout)
        return self._open[sensor]

    def _is_full(self, journal: Journal) -> bool:
        most = self._settings
        return journal.rows >= most.max_rows or journal.size >= most.max_bytes

    def _seal(self, sensor: str) -> None:
        """Under the guard, so without waiting for the disk. Raises OSError: then it is open."""
        journal = self._open.get(sensor)
        if journal is not None:
            journal.rename(_sealed_path(self._folder, sensor))
            del self._open[sensor]
            self._layouts[sensor] = journal.layout
            self._unsynced.append(journal)
            self._waiting_bytes += journal.size

    def _finish_sealed(self) -> None:
        """Lets no power cut lose what was sealed; what cannot be flushed can still be read."""
        while self._unsynced:
            journal = self._unsynced[0]
            try:
                journal.sync()
            except OSError as error:
                self._disk_fails(error)
            journal.close()
            with self._guard:
                self._unsynced.popleft()
                self._sealed.append((journal.path, journal.size))

    def _disk_fails(self, error: OSError) -> None:
        self._fails(f"sensor readings cannot be written to {self._folder} ({error.strerror})")

    def _fails(self, sentence: str) -> None:
        if not self.problem:
            log.warning("%s", sentence)
        self.problem, self._failing = sentence, True


def _named(told: Mapping[str, str]) -> dict[str, str]:
    return {signal: unit for signal, unit in told.items() if unit}


def _left_behind(folder: Path) -> list[Path]:
    """The sealed journals of earlier runs, oldest first, after sealing what they left open."""
    for path in folder.glob(f"*{OPEN}"):
        path.rename(_sealed_path(folder, path.name.removesuffix(OPEN)))
    parts = [path.name.split(".") for path in folder.glob(f"*{SEALED}")]
    ours = sorted((part[1], part[0]) for part in parts if len(part) == 3 and is_id(part[1]))
    return [folder / f"{sensor}.{id}{SEALED}" for id, sensor in ours]


def _sealed_path(folder: Path, sensor: str) -> Path:
    return folder / f"{sensor}.{new_id(datetime.now(timezone.utc))}{SEALED}"
