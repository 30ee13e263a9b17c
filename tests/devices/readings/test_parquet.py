"""Parquet files of readings, as devices upload them, read again."""

import math
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from devices.errors import DeviceLost, DeviceUnavailable
from devices.readings.parquet import ParquetRows
from devices.readings.rows import Row
from tests.parts import need

try:
    import pyarrow
    import pyarrow.parquet
except ImportError:
    pyarrow = None

NOON = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
HERE = {"sensor": "climate", "device": "cam1"}


@pytest.fixture(autouse=True)
def _pyarrow() -> None:
    need("pyarrow (pip install pyarrow)", pyarrow)


def write(path: Path, first_s: int, told: dict[str, str] | None = None, **columns: Any) -> Path:
    """One row a second."""
    rows = len(next(iter(columns.values())))
    times = [NOON + timedelta(seconds=first_s + i) for i in range(rows)]
    fields = [("time", pyarrow.timestamp("us", tz="UTC"))]
    fields += [(name, pyarrow.float64()) for name in columns]
    schema = pyarrow.schema(fields).with_metadata(HERE if told is None else told)
    place = schema.get_field_index("t")
    if place > 0:
        schema = schema.set(place, schema.field(place).with_metadata({"unit": "°C"}))
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(pyarrow.table({"time": times, **columns}, schema), path)
    return path


def seconds(rows: ParquetRows) -> list[tuple[float, dict[str, float]]]:
    return [((row.at - NOON).total_seconds(), dict(row.values)) for row in rows]


def test_all_files_below_a_folder_are_read_in_the_order_of_their_times(tmp_path: Path) -> None:
    write(tmp_path / "site=a" / "1.parquet", 2, t=[3.0, 4.0], h=[None, 60.0])
    write(tmp_path / "site=a" / "2.parquet", 0, t=[1.0, None])
    with ParquetRows(tmp_path) as rows:
        assert seconds(rows) == [(0, {"t": 1.0}), (2, {"t": 3.0}), (3, {"t": 4.0, "h": 60.0})]
        assert (rows.signals, rows.units, rows.losses) == (("t", "h"), {"t": "°C"}, {})
    with ParquetRows(tmp_path, signals=("h",)) as rows:
        assert (rows.signals, rows.units) == (("h",), {})
        assert seconds(rows) == [(3, {"h": 60.0})]


def test_what_is_no_reading_is_left_out_and_counted(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", 10, t=[1.0, math.nan, 3.0, math.inf])
    write(tmp_path / "b.parquet", 12, t=[5.0, 6.0])
    times = [NOON + timedelta(seconds=60), None]
    table = pyarrow.table({"time": times, "t": [7.0, 8.0]}).replace_schema_metadata(HERE)
    pyarrow.parquet.write_table(table, tmp_path / "c.parquet")
    (tmp_path / "d.parquet").write_text("no Parquet")
    rows = ParquetRows(tmp_path)
    told = [(10, {"t": 1.0}), (12, {"t": 3.0}), (12, {"t": 5.0}), (13, {"t": 6.0})]
    assert seconds(rows) == [*told, (60, {"t": 7.0})]
    assert rows.losses == {"not_a_number": 2, "no_time": 1, "damaged": 1}


def test_rows_that_are_older_than_those_before_are_left_out_and_counted(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", 0, t=[0.0, 1.0, 2.0, 3.0])
    write(tmp_path / "b.parquet", 2, t=[12.0, 13.0, 14.0])
    rows = ParquetRows(tmp_path)
    assert [at for at, _ in seconds(rows)] == [0, 1, 2, 3, 3, 4]
    assert rows.losses == {"late": 1}


def test_readings_of_several_are_not_mixed(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", 0, t=[0.0])
    write(tmp_path / "b.parquet", 1, HERE | {"sensor": "pump"}, t=[1.0])
    with pytest.raises(DeviceUnavailable, match="climate of cam1, pump of cam1: name one sensor"):
        ParquetRows(tmp_path)
    assert seconds(ParquetRows(tmp_path, sensor="pump")) == [(1, {"t": 1.0})]
    with pytest.raises(DeviceUnavailable, match="none of fan, but of climate, pump"):
        ParquetRows(tmp_path, sensor="fan")
    write(tmp_path / "c.parquet", 1, HERE | {"device": "cam2"}, t=[1.0])
    with pytest.raises(DeviceUnavailable, match="the folder of one device"):
        ParquetRows(tmp_path, sensor="climate")


def test_times_of_other_units_and_whole_numbers_are_read_too(tmp_path: Path) -> None:
    at = pyarrow.array([1_500, None], pyarrow.timestamp("ms"))
    table = pyarrow.table({"when": at, "n": pyarrow.array([7, 8]), "text": ["a", "b"]})
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    rows = ParquetRows(tmp_path / "a.parquet", "when")
    assert list(rows) == [Row(datetime.fromtimestamp(1.5, timezone.utc), {"n": 7.0})]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: None, "no file is named .parquet"),
        (lambda path: (path / "a.parquet").write_bytes(b"PAR1"), "is no Parquet file"),
        (lambda path: write(path / "a.parquet", 0, u=[1.0]), "has no numbers under 't'"),
        (lambda path: pyarrow.parquet.write_table(pyarrow.table({"time": [1], "t": [1]}),
                                                  path / "a.parquet"), "no times under 'time'"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_one_sentence(
    tmp_path: Path, make: Any, sentence: str
) -> None:
    make(tmp_path)
    with pytest.raises(DeviceUnavailable, match=sentence) as refused:
        ParquetRows(tmp_path, signals=("t",))
    assert "\n" not in str(refused.value)


def test_a_file_that_goes_while_it_is_read_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", 0, t=[0.0])
    rows = ParquetRows(path)
    path.unlink()
    with pytest.raises(DeviceLost, match="cannot be read to its end"):
        list(rows)
