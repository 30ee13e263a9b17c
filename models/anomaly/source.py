"""A file of readings to learn from or to judge."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from devices.sensors.rows import Row, Rows, csv_rows


@dataclass(frozen=True, slots=True)
class Source:
    """A CSV file and how it is read.

    signals: empty takes every column except the time. first_rows: None takes the whole file.
    """

    path: Path
    time_column: str = "time"
    separator: str = ","
    signals: tuple[str, ...] = ()
    first_rows: int | None = None

    def of(self, signals: tuple[str, ...]) -> "Source":
        """The same file, of which these signals are read."""
        return replace(self, signals=signals)

    def open(self) -> Rows:
        """The open file. Raises DeviceUnavailable."""
        return csv_rows(self.path, self.time_column, self.separator, self.signals)

    def rows(self, rows: Rows) -> Iterator[Row]:
        """Its rows, as many as were asked for."""
        return islice(rows, self.first_rows)
