"""Readings of one sensor on their way to a file: one record each, appended as they come."""

import errno
import os
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Lock

from models.anomaly.units import units
from uploader.bulk.form import Layout
from uploader.identity import EPOCH

MICROSECOND = timedelta(microseconds=1)


class Journal:
    """An open journal. A record is written whole or, when the disk is full, not at all.

    date: of its readings, in UTC. rows: so far. size: in bytes. since_s: monotonic seconds of its
    beginning. layout: of the row that came last.
    """

    def __init__(self, path: Path, date: date, since_s: float, layout: Layout) -> None:
        """Begins a file that is not there yet. Raises OSError."""
        self.path, self.date, self.since_s, self.layout = path, date, since_s, layout
        self.rows = self.size = 0
        self._said: Layout | None = None
        self._file = path.open("xb", buffering=0)
        self._closing = Lock()
        self._synced = 0

    def append(self, at: datetime, values: Mapping[str, float]) -> None:
        """Adds a reading, which kill -9 does not lose any more; not with `rename` at once.

        Raises OSError or, for what is no number, ValueError: then nothing was added.
        """
        at_us = (at - EPOCH) // MICROSECOND
        data = self.layout.row(at_us, values)
        if data is None:
            self.layout = self.layout.wider(values, units(tuple(values)))
            data = self.layout.row(at_us, values)
            assert data is not None, "it is as wide as the reading now"
        if self._said is not self.layout:
            data = self.layout.record + data
        self._write(data)
        self._said = self.layout
        self.rows += 1

    def sync(self) -> None:
        """Lets no power cut lose the records so far. Raises OSError."""
        with self._closing:
            size = self.size
            if not self._file.closed and size != self._synced:
                os.fsync(self._file.fileno())
                self._synced = size

    def rename(self, path: Path) -> None:
        """Gives the file its last name. Raises OSError: then it has the one before."""
        os.rename(self.path, path)
        self.path = path

    def close(self) -> None:
        """Nothing is appended any more; call `sync` before."""
        with self._closing:
            self._file.close()

    def _write(self, data: bytes) -> None:
        try:
            if os.pwrite(self._file.fileno(), data, self.size) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            self._file.truncate(self.size)
            raise
        self.size += len(data)
