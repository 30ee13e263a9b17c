"""Reads what devices uploaded: one Parquet file of readings, or a folder that was synced."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path

from devices.closeable import Closeable
from devices.errors import DeviceLost, DeviceUnavailable
from devices.readings.parquet_file import NoReadings, ParquetFile
from devices.readings.rows import Row

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class ParquetRows(Closeable):
    """All files below a folder (sensors/site=…/device=…/date=…/), row by row, times rising.

    units: signal → unit, as the files say. losses: what was left out, by reason: no_time,
    not_a_number (NaN or infinite), late (older than the row before, as where a clock was set back
    between two files), damaged (files that are no Parquet with times).
    """

    def __init__(
        self, path: Path, time_column: str = "time", signals: tuple[str, ...] = (), sensor: str = ""
    ) -> None:
        """signals: none asks for all numbers. sensor: whose readings, where there are several.

        Raises DeviceUnavailable.
        """
        self.path = path
        self._lost: Counter[str] = Counter()
        self._files = self._chosen(time_column, sensor)
        there = tuple(dict.fromkeys(name for file in self._files for name in file.signals))
        self.signals = signals or there
        absent = [name for name in self.signals if name not in there]
        if absent or not there:
            raise DeviceUnavailable(
                f"{path} has no numbers under {', '.join(map(repr, absent)) or 'any name'}; "
                f"it has them under {', '.join(map(repr, there)) or 'none'}"
            )
        units = {name: unit for file in self._files for name, unit in file.units.items()}
        self.units = {name: units[name] for name in self.signals if name in units}

    @property
    def losses(self) -> Mapping[str, int]:
        """What was left out, by reason."""
        return +self._lost

    def __iter__(self) -> Iterator[Row]:
        last_us: int | None = None
        try:
            for file in self._files:
                for at_us, values in file.rows(self.signals, self._lost):
                    if last_us is not None and at_us < last_us:
                        self._lost["late"] += 1
                    elif values:
                        last_us = at_us
                        yield Row(EPOCH + timedelta(microseconds=at_us), values)
        except NoReadings as error:
            raise DeviceLost(str(error)) from error

    def close(self) -> None:
        """Files are closed by whoever ends going through the rows."""

    def _chosen(self, time_column: str, sensor: str) -> list[ParquetFile]:
        """Those of one sensor of one device, oldest first."""
        found = list(self._readable(time_column))
        chosen = [file for file in found if sensor in ("", file.owner[0])]
        if not chosen:
            there = ", ".join(sorted({file.owner[0] for file in found}))
            what = f"none of {sensor}, but of {there}" if found else f"none ({self._why_none})"
            raise DeviceUnavailable(
                f"{self.path}: there should be files of readings, it has {what}"
            )
        owners = sorted({file.owner for file in chosen})
        if len(owners) > 1:
            told = ", ".join(f"{name} of {device}" for name, device in owners)
            raise DeviceUnavailable(
                f"{self.path} has readings of {told}: name one sensor, and the folder of one device"
            )
        return sorted(chosen, key=lambda file: (file.first_us, file.path))

    def _readable(self, time_column: str) -> Iterator[ParquetFile]:
        self._why_none = "no file is named .parquet"
        for path in files_in(self.path):
            try:
                yield ParquetFile(path, time_column)
            except NoReadings as error:
                self._why_none = str(error)
                self._lost["damaged"] += 1


def is_parquet(path: Path) -> bool:
    """Whether it is read as Parquet: a folder, or a file with such a name."""
    return path.is_dir() or path.suffix == ".parquet"


def files_in(path: Path) -> list[Path]:
    """A file, or all Parquet files below a folder."""
    return sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
