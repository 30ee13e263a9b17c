"""Lines of a CSV file, whose first one names the columns."""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from devices.errors import DeviceUnavailable
from devices.readings.form import Told
from devices.readings.instant import instant
from devices.readings.lines import MAX_LINE
from devices.sensor_settings import SignalSettings


class CsvForm:
    """The columns of one file. signals: those asked for; without any, all columns but the time."""

    def __init__(
        self, path: Path, time_column: str, separator: str, signals: Sequence[SignalSettings] = ()
    ) -> None:
        self.signals = tuple(signals)
        self._path, self._time_column, self._separator = path, time_column, separator
        self._columns: tuple[str, ...] = ()
        self._time = 0
        self._places: Mapping[str, int] = {}

    def begin(self, line: str) -> bool:
        """Finds the columns. Raises DeviceUnavailable."""
        self._columns = self._header(line)
        self._time = self._find(self._time_column)
        self.signals = self.signals or self._all_others()
        self._places = {signal.name: self._find(signal.place) for signal in self.signals}
        return True

    def told(self, line: str) -> Told | None:
        """The cells of a row, by signal."""
        try:
            cells = self._cells(line)
        except csv.Error:
            return None
        if not cells or any(cells[len(self._columns) :]) or len(line) >= MAX_LINE:
            return None
        at = instant(cells[self._time]) if self._time < len(cells) else None
        raw = {name: cells[i] if i < len(cells) else None for name, i in self._places.items()}
        return Told(at, raw)

    def _header(self, line: str) -> tuple[str, ...]:
        path = self._path
        if not line.strip():
            raise DeviceUnavailable(f"{path} is empty; its first row must name its columns")
        if "\0" in line or "\ufffd" in line or len(line) >= MAX_LINE:
            raise DeviceUnavailable(f"{path} is not a text file; give a CSV file in UTF-8")
        columns = tuple(cell.strip() for cell in self._cells(line))
        twice = [name for name, count in Counter(columns).items() if name and count > 1]
        if twice:
            raise DeviceUnavailable(f"{path} has two columns named {twice[0]!r}; rename one")
        return columns

    def _find(self, name: str) -> int:
        if name not in self._columns:
            there = ", ".join(repr(column) for column in self._columns if column)
            raise DeviceUnavailable(
                f"{self._path} has no column {name!r}; its columns are {there} "
                f"(separated by {self._separator!r})"
            )
        return self._columns.index(name)

    def _all_others(self) -> tuple[SignalSettings, ...]:
        names = [name for i, name in enumerate(self._columns) if name and i != self._time]
        if not names:
            raise DeviceUnavailable(
                f"{self._path} has no column beside its time; is it a CSV file?"
            )
        return tuple(SignalSettings(name=name) for name in names)

    def _cells(self, line: str) -> list[str]:
        """Line by line, so that a stray quotation mark spoils one row and not all that follow."""
        return next(csv.reader([line], delimiter=self._separator), [])
