"""Readings of one sensor on their way to a file: one line each, appended as they come."""

import errno
import json
import math
import os
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Lock

from uploader.identity import EPOCH


class Journal:
    """An open journal. A line is written whole or, when the disk is full, not at all.

    date: of its readings, in UTC. rows: lines so far. since_s: monotonic seconds of its beginning.
    """

    def __init__(self, path: Path, date: date, since_s: float) -> None:
        """Begins a file that is not there yet. Raises OSError."""
        self.path, self.date, self.since_s = path, date, since_s
        self.rows = 0
        self._file = path.open("xb", buffering=0)
        self._closing = Lock()
        self._size = 0
        self._synced = 0

    def append(self, at: datetime, values: Mapping[str, float]) -> None:
        """Adds a reading, which kill -9 does not lose any more; not with `seal` at once.

        Raises OSError or, for what is no number, ValueError: then nothing was added.
        """
        at_ms = (at - EPOCH) // timedelta(milliseconds=1)
        line = json.dumps([at_ms, dict(values)], allow_nan=False, separators=(",", ":"))
        data = line.encode() + b"\n"
        try:
            if self._file.write(data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            self._file.truncate(self._size)
            self._file.seek(self._size)
            raise
        self._size += len(data)
        self.rows += 1

    def sync(self) -> None:
        """Lets no power cut lose the lines so far. Raises OSError."""
        with self._closing:
            size = self._size
            if not self._file.closed and size != self._synced:
                os.fsync(self._file.fileno())
                self._synced = size

    def seal(self, sealed: Path) -> None:
        """Gives the file its last name, and closes it. Raises OSError: then it is still open."""
        with self._closing:
            os.fsync(self._file.fileno())
            os.rename(self.path, sealed)
            self._file.close()


@dataclass(slots=True)
class Readings:
    """A journal's readings by column.

    times_ms: milliseconds since 1970. columns: signal → one number per time, NaN where it is not.
    torn: lines that could not be read, as after a power cut.
    """

    times_ms: "array[int]" = field(default_factory=lambda: array("q"))
    columns: "dict[str, array[float]]" = field(default_factory=dict)
    torn: int = 0


def read_journal(path: Path) -> Readings:
    """What a journal holds. Raises OSError."""
    readings = Readings()
    with path.open("rb") as file:
        for line in file:
            _take(readings, line if line.endswith(b"\n") else b"")
    return readings


def _take(readings: Readings, line: bytes) -> None:
    try:
        at_ms, values = json.loads(line)
        numbers = {str(name): float(value) for name, value in values.items()}
        readings.times_ms.append(at_ms)
    except (ValueError, TypeError, AttributeError, OverflowError):
        readings.torn += 1
        return
    for name in numbers.keys() - readings.columns.keys():
        readings.columns[name] = array("d", [math.nan]) * (len(readings.times_ms) - 1)
    for name, column in readings.columns.items():
        column.append(numbers.get(name, math.nan))
