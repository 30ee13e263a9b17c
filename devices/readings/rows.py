"""A file of readings, row by row: what a row says, and what had to be left out of it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from devices.closeable import Closeable
from devices.errors import DeviceLost, DeviceUnavailable
from devices.readings.csv_form import CsvForm
from devices.readings.form import Told
from devices.readings.gate import Gate
from devices.readings.json_form import JsonForm
from devices.readings.lines import Lines
from devices.readings.order import Order
from devices.sensor_settings import SignalSettings


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its time in UTC, and the numbers that it holds by signal (at least one)."""

    at: datetime
    values: Mapping[str, float]


class Rows(Closeable):
    """An open file, read row by row with its times rising.

    What cannot be used is left out and counted in `losses`, by reason: no_time, damaged (more cells
    than columns, no JSON object, or a line without end), and those of `Gate`. One row that says a
    time later than the two beside it is left out as ahead, so that not all after it are late.
    """

    def __init__(self, path: Path, form: CsvForm | JsonForm, follow: bool = False) -> None:
        """follow: only what is appended from now on. Raises DeviceUnavailable."""
        self.path = path
        self._form, self._follow = form, follow
        self._lost: Counter[str] = Counter()
        self._peeked: tuple[datetime, Mapping[str, object]] | None = None
        self._lines = Lines(path, follow)
        try:
            form.begin(self._lines.next())
            if follow:
                self._lines.skip()
            else:
                self._lines.rewind()
        except (DeviceUnavailable, DeviceLost) as error:
            self._lines.close()
            raise DeviceUnavailable(str(error)) from error
        self.gate = Gate(form.signals, Order("theirs" if follow else "played"))

    @property
    def signals(self) -> tuple[str, ...]:
        """Names of the signals."""
        return self.gate.signals

    @property
    def losses(self) -> Mapping[str, int]:
        """What was left out, by reason."""
        return self._lost + Counter(self.gate.losses)

    def __iter__(self) -> Iterator[Row]:
        while (row := self.next()) is not None:
            yield row

    def next(self) -> Row | None:
        """The next usable row; None at the end of the file (as it is now). Raises DeviceLost."""
        while (told := self._in_order()) is not None:
            at, raw = told
            values = self.gate.admit(at, raw)
            if values:
                return Row(at, values)
        return None

    def rewind(self) -> None:
        """Begins again at the first row. Raises DeviceLost."""
        self._lines.rewind()
        self._peeked = None
        self.gate.again()

    def close(self) -> None:
        """Closes the file."""
        self._lines.close()

    def _in_order(self) -> tuple[datetime, Mapping[str, object]] | None:
        """The next row that has a time, unless the one after it shows that this time is wrong."""
        row = self._peeked or self._timed()
        self._peeked = None
        while row is not None and not self._follow:
            self._peeked = self._timed()
            last = self.gate.order.last
            if self._peeked is None or row[0] <= self._peeked[0]:
                break
            if last is not None and self._peeked[0] < last:
                break
            self._lost["ahead"] += 1
            row = self._peeked
        return row

    def _timed(self) -> tuple[datetime, Mapping[str, object]] | None:
        while line := self._lines.next():
            told = self._told(line)
            if told is not None and told.at is not None:
                return told.at, told.raw
        return None

    def _told(self, line: str) -> Told | None:
        if (self._lines.begins and self._began(line)) or not line.strip():
            return None
        told = self._form.told(line)
        if told is None or told.at is None:
            self._lost["damaged" if told is None else "no_time"] += 1
        return told

    def _began(self, line: str) -> bool:
        try:
            return self._form.begin(line)
        except DeviceUnavailable as error:
            raise DeviceLost(str(error)) from error


def csv_rows(
    path: Path,
    time_column: str = "time",
    separator: str = ",",
    signals: tuple[str, ...] = (),
) -> Rows:
    """A CSV file of which these columns are read, or all. Raises DeviceUnavailable."""
    asked = tuple(SignalSettings(name=name) for name in signals)
    return Rows(path, CsvForm(path, time_column, separator, asked))
