"""A CSV file as times and numbers: what a row says, and what had to be left out of it."""

import csv
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType

from devices.errors import DeviceLost, DeviceUnavailable
from devices.sensors.instant import instant

MAX_LINE = 1 << 16
"""Characters of one line; a longer one is no sensor's row."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its time in UTC, and the numbers that it holds by signal (at least one)."""

    at: datetime
    values: Mapping[str, float]


class Rows:
    """An open CSV file, read row by row with its times rising.

    What cannot be used is left out and counted in `losses`, by reason:
    missing (an empty cell), not_a_number (text, NaN, infinite), no_time, late (older than the row
    before), damaged (more cells than columns, or a line without end).
    """

    def __init__(
        self,
        path: Path,
        time_column: str = "time",
        separator: str = ",",
        signals: tuple[str, ...] = (),
    ) -> None:
        """Opens the file and reads its header. Raises DeviceUnavailable."""
        self.path = path
        self.losses: Counter[str] = Counter()
        self._separator = separator
        self._last_at: datetime | None = None
        try:
            self._file = path.open(encoding="utf-8-sig", errors="replace", newline="")
        except OSError as error:
            raise DeviceUnavailable(f"{path} cannot be read: {error.strerror}") from error
        try:
            self._columns = self._header()
            self._time_column = self._find(time_column)
            self.signals = signals or self._all_but(self._time_column)
            self._signal_columns = tuple((name, self._find(name)) for name in self.signals)
        except DeviceUnavailable:
            self._file.close()
            raise

    def __iter__(self) -> Iterator[Row]:
        while (row := self.next()) is not None:
            yield row

    def next(self) -> Row | None:
        """The next usable row; None at the end of the file. Raises DeviceLost."""
        while line := self._line():
            row = self._row(line)
            if row is not None:
                self._last_at = row.at
                return row
        return None

    def rewind(self) -> None:
        """Begins again at the first row. Raises DeviceLost."""
        try:
            self._file.seek(0)
        except (OSError, ValueError) as error:
            raise DeviceLost(f"{self.path} cannot be read any more: {error}") from error
        self._line()
        self._last_at = None

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def __enter__(self) -> "Rows":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _header(self) -> tuple[str, ...]:
        try:
            line = self._line()
        except DeviceLost as error:
            raise DeviceUnavailable(str(error)) from error
        if not line.strip():
            raise DeviceUnavailable(f"{self.path} is empty; its first row must name its columns")
        if "\0" in line or "\ufffd" in line or len(line) >= MAX_LINE:
            raise DeviceUnavailable(f"{self.path} is not a text file; give a CSV file in UTF-8")
        columns = tuple(cell.strip() for cell in self._cells(line))
        twice = [name for name, count in Counter(columns).items() if name and count > 1]
        if twice:
            raise DeviceUnavailable(f"{self.path} has two columns named {twice[0]!r}; rename one")
        return columns

    def _find(self, name: str) -> int:
        if name not in self._columns:
            there = ", ".join(repr(column) for column in self._columns if column)
            raise DeviceUnavailable(
                f"{self.path} has no column {name!r}; its columns are {there} "
                f"(separated by {self._separator!r})"
            )
        return self._columns.index(name)

    def _all_but(self, time_column: int) -> tuple[str, ...]:
        names = tuple(c for i, c in enumerate(self._columns) if c and i != time_column)
        if not names:
            raise DeviceUnavailable(f"{self.path} has no column beside its time; is it a CSV file?")
        return names

    def _line(self) -> str:
        try:
            return self._file.readline(MAX_LINE)
        except (OSError, ValueError) as error:
            raise DeviceLost(f"{self.path} cannot be read any more: {error}") from error

    def _cells(self, line: str) -> list[str]:
        """Line by line, so that a stray quotation mark spoils one row and not all that follow."""
        return next(csv.reader([line], delimiter=self._separator), [])

    def _row(self, line: str) -> Row | None:
        if not line.strip():
            return None
        try:
            cells = self._cells(line)
        except csv.Error:
            cells = []
        if not cells or any(cells[len(self._columns) :]) or len(line) >= MAX_LINE:
            self.losses["damaged"] += 1
            return None
        at = self._at(cells)
        values = {} if at is None else self._values(cells)
        return Row(at, values) if at is not None and values else None

    def _at(self, cells: list[str]) -> datetime | None:
        at = instant(cells[self._time_column]) if self._time_column < len(cells) else None
        if at is None:
            self.losses["no_time"] += 1
            return None
        if self._last_at is not None and at < self._last_at:
            self.losses["late"] += 1
            return None
        return at

    def _values(self, cells: list[str]) -> dict[str, float]:
        values: dict[str, float] = {}
        for name, column in self._signal_columns:
            cell = cells[column].strip() if column < len(cells) else ""
            number = _number(cell)
            if number is not None:
                values[name] = number
            else:
                self.losses["not_a_number" if cell else "missing"] += 1
        return values


def _number(cell: str) -> float | None:
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in cell else None
