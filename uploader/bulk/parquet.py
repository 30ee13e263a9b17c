"""Writes sensor readings as Parquet, the form in which data people read them."""

import io

import numpy as np

from uploader.bulk.journal import Readings
from uploader.errors import UploaderError

CONTENT_TYPE = "application/vnd.apache.parquet"
SCHEMA = "vision-app/readings/1"
TIME = "time"


def check_parquet() -> None:
    """Raises UploaderError when Parquet cannot be written here."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise UploaderError(
            f"keeping sensor readings needs pyarrow ({error}): pip install 'vision-app[sensors]', "
            "or set bulk.enabled = false"
        ) from error


def parquet(readings: Readings, origin: dict[str, str]) -> bytes:
    """One column `time` (milliseconds, UTC) and one of float64 per signal, null where it is not.

    zstd; origin goes into the file's own metadata. The same readings give the same bytes.
    """
    import pyarrow
    import pyarrow.parquet

    times = pyarrow.array(
        np.asarray(readings.times_ms, np.int64), pyarrow.timestamp("ms", tz="UTC")
    )
    columns = {TIME: times} | {
        _column(name): pyarrow.array(np.asarray(column), pyarrow.float64(), from_pandas=True)
        for name, column in readings.columns.items()
    }
    table = pyarrow.table(columns).replace_schema_metadata({"schema": SCHEMA} | origin)
    out = io.BytesIO()
    pyarrow.parquet.write_table(table, out, compression="zstd")
    return out.getvalue()


def _column(signal: str) -> str:
    """The name of a signal's column; only one that is called `time` needs another."""
    return f"{signal}_" if signal.rstrip("_") == TIME else signal
