"""One Parquet file of readings: whose it says it is, and its rows."""

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from devices.errors import DeviceUnavailable

BATCH = 1 << 14
"""Rows that are in memory at once."""


class NoReadings(Exception):
    """The file is no Parquet, or has no times; the message says which."""


class ParquetFile:
    """What a file says of itself.

    owner: sensor and device, empty where it does not say. signals: its columns of numbers. units:
    signal → unit. first_us: its first time, in microseconds since 1970.
    """

    def __init__(self, path: Path, time_column: str) -> None:
        """Raises NoReadings, or DeviceUnavailable without pyarrow."""
        self.path, self._time, self._pyarrow = path, time_column, _pyarrow()
        types = self._pyarrow.types
        try:
            with self._pyarrow.parquet.ParquetFile(path) as file:
                schema = file.schema_arrow
                if not self._has_times(schema):
                    raise NoReadings(f"{path} has no times under {time_column!r}")
                first = next(self._batches(file, []), None)
        except (OSError, self._pyarrow.ArrowException) as error:
            raise NoReadings(f"{path} is no Parquet file: {error}") from error
        told = schema.metadata or {}
        self.owner = (told.get(b"sensor", b"").decode(), told.get(b"device", b"").decode())
        numbers = [f for f in schema if types.is_floating(f.type) or types.is_integer(f.type)]
        self.signals = tuple(field.name for field in numbers)
        units = {f.name: (f.metadata or {}).get(b"unit", b"").decode() for f in numbers}
        self.units = {name: unit for name, unit in units.items() if unit}
        times = [at_us for at_us in (first[0] if first else []) if at_us is not None]
        self.first_us = min(times, default=0)

    def rows(
        self, signals: tuple[str, ...], losses: Counter[str]
    ) -> Iterator[tuple[int, dict[str, float]]]:
        """Microseconds since 1970, and the numbers that are there. Raises NoReadings.

        losses: counts no_time and not_a_number (NaN or infinite).
        """
        names = [name for name in signals if name in self.signals]
        try:
            with self._pyarrow.parquet.ParquetFile(self.path) as file:
                for times, numbers, empty in self._batches(file, names):
                    losses["not_a_number"] += int((~np.isfinite(numbers)).sum()) - empty
                    losses["no_time"] += times.count(None)
                    for at_us, row in zip(times, numbers.tolist(), strict=True):
                        if at_us is not None:
                            told = zip(names, row, strict=True)
                            yield at_us, {name: x for name, x in told if math.isfinite(x)}
        except (OSError, self._pyarrow.ArrowException) as error:
            raise NoReadings(f"{self.path} cannot be read to its end: {error}") from error

    def _batches(self, file: Any, names: list[str]) -> Iterator[tuple[list[int | None], Any, int]]:
        """Times, numbers (rows, names) with NaN where none is, and how many are not there."""
        for batch in file.iter_batches(BATCH, columns=[self._time, *names]):
            times = batch.column(self._time)
            in_us = times.cast(self._pyarrow.timestamp("us", tz=times.type.tz), safe=False)
            numbers = np.full((len(times), len(names)), np.nan)
            for place, name in enumerate(names):
                numbers[:, place] = batch.column(name).to_numpy(zero_copy_only=False)
            empty = sum(batch.column(name).null_count for name in names)
            yield in_us.cast(self._pyarrow.int64()).to_pylist(), numbers, empty

    def _has_times(self, schema: Any) -> bool:
        place = schema.get_field_index(self._time)
        return place >= 0 and bool(self._pyarrow.types.is_timestamp(schema.field(place).type))


def _pyarrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise DeviceUnavailable(
            f"reading Parquet needs pyarrow ({error}): pip install 'vision-app[sensors]'"
        ) from error
    return pyarrow
