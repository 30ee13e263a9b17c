"""Writes sensor readings as Parquet, the form in which data people read them."""

import io
import json
from collections.abc import Mapping

from uploader.bulk.readings import Readings
from uploader.errors import UploaderError

CONTENT_TYPE = "application/vnd.apache.parquet"
SCHEMA = "vision-app/readings/2"
"""1 had times in milliseconds, no column `sensor` and no units."""
TIME, SENSOR = "time", "sensor"


def check_parquet() -> None:
    """Raises UploaderError when Parquet cannot be written here."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise UploaderError(
            f"keeping sensor readings needs pyarrow ({error}): pip install 'vision-app[sensors]', "
            "or set bulk.enabled = false"
        ) from error


def parquet(readings: Readings, origin: Mapping[str, str]) -> bytes:
    """Columns `time` (microseconds, UTC), `sensor`, and one of float64 per signal, null where it
    is not.

    zstd. Each signal's column has its `unit` in its metadata; origin, and units as JSON by column,
    are in the file's own, for readers that show no others. The same readings give the same bytes.
    """
    import pyarrow
    import pyarrow.parquet

    fields = [
        pyarrow.field(TIME, pyarrow.timestamp("us", tz="UTC")),
        pyarrow.field(SENSOR, pyarrow.string()),
    ]
    arrays = [
        pyarrow.array(readings.times_us, fields[0].type),
        pyarrow.repeat(origin[SENSOR], len(readings.times_us)),
    ]
    for signal, column in readings.columns.items():
        unit = readings.units.get(signal)
        metadata = {"unit": unit} if unit else None
        fields.append(pyarrow.field(_column(signal), pyarrow.float64(), metadata=metadata))
        arrays.append(pyarrow.array(column, pyarrow.float64(), from_pandas=True))
    units = {_column(signal): unit for signal, unit in readings.units.items()}
    told = {"schema": SCHEMA, **origin, "units": json.dumps(units, ensure_ascii=False)}
    table = pyarrow.table(arrays, pyarrow.schema(fields, told))
    out = io.BytesIO()
    pyarrow.parquet.write_table(table, out, compression="zstd")
    return out.getvalue()


def _column(signal: str) -> str:
    """The name of a signal's column; only one that is called as a column of ours needs another."""
    return f"{signal}_" if signal.rstrip("_") in (TIME, SENSOR) else signal
