"""A file of readings, or a folder of them, to learn from or to judge."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import islice
from pathlib import Path

from devices.readings.parquet import ParquetRows, files_in, is_parquet
from devices.readings.rows import Row, Rows, csv_rows
from models.bundles.bundle import sha256 as sha256_of_file


@dataclass(frozen=True, slots=True)
class Source:
    """A CSV file, a Parquet file or a folder of those, and how it is read.

    signals: empty takes every column except the time. first_rows: None takes the whole file.
    sensor: of Parquet: whose readings, where there are those of several.
    """

    path: Path
    time_column: str = "time"
    separator: str = ","
    signals: tuple[str, ...] = ()
    first_rows: int | None = None
    sensor: str = ""

    def of(self, signals: tuple[str, ...]) -> "Source":
        """The same file, of which these signals are read."""
        return replace(self, signals=signals)

    def open(self) -> Rows | ParquetRows:
        """The open file. Raises DeviceUnavailable."""
        if is_parquet(self.path):
            return ParquetRows(self.path, self.time_column, self.signals, self.sensor)
        return csv_rows(self.path, self.time_column, self.separator, self.signals)

    def rows(self, rows: Rows | ParquetRows) -> Iterator[Row]:
        """Its rows, as many as were asked for."""
        return islice(rows, self.first_rows)

    def units(self) -> Mapping[str, str]:
        """Signal → unit, where the files say it. Raises DeviceUnavailable."""
        if not is_parquet(self.path):
            return {}
        with ParquetRows(self.path, self.time_column, self.signals, self.sensor) as rows:
            return rows.units

    def sha256(self) -> str:
        """Of the file; of a folder: of the names and hashes of its files. Raises OSError."""
        if not self.path.is_dir():
            return sha256_of_file(self.path)
        told = sha256()
        for path in files_in(self.path):
            told.update(f"{sha256_of_file(path)} {path.relative_to(self.path)}\n".encode())
        return told.hexdigest()
