"""Files of readings beside each other, as people read them: one schema, with units, in order."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.parts import need
from tests.uploader.samples import KEY
from uploader.bulk.bulk import Bulk, Collected
from uploader.settings import BulkSettings, SpoolSettings
from uploader.spool import Spool

try:
    import pyarrow
    import pyarrow.dataset
    import pyarrow.parquet
except ImportError:
    pyarrow = None

NOON = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
NAMED = {"climate": {"t": "°C", "vent_pct": "", "co2_ppm": "µg"}, "pump": {"t": "K"}}


@pytest.fixture(autouse=True)
def _pyarrow() -> None:
    need("pyarrow (pip install pyarrow)", pyarrow)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    free = SpoolSettings(min_free_bytes=0)
    with Spool(tmp_path / "spool", free, "farm", "cam1", 90, KEY) as opened:
        yield opened


def opened(folder: Path, spool: Spool, **settings: Any) -> Bulk:
    asked = BulkSettings(**settings)
    return Bulk(folder / "bulk", spool, asked, "farm", "cam1", NAMED)


def stored(spool: Spool, folder: Path) -> list[Path]:
    """The files as a folder for a store would hold them, in the order of their making."""
    paths = []
    while (name := spool.queue.oldest()) is not None:
        entry = spool.queue.read(name)
        paths.append(folder / entry.key)
        paths[-1].parent.mkdir(parents=True, exist_ok=True)
        paths[-1].write_bytes(entry.body)
        spool.queue.remove(name)
    return paths


def test_every_file_has_all_signals_of_the_configuration_and_their_units(
    tmp_path: Path, spool: Spool
) -> None:
    for value in ({"vent_pct": 5.0}, {"t": 20.0, "door": 1.0}, {"co2_ppm": 400.0}):
        with opened(tmp_path, spool) as bulk:
            bulk.add("climate", NOON, value)
    paths = stored(spool, tmp_path)
    files = [pyarrow.parquet.ParquetFile(path).schema_arrow for path in paths]
    named = ["time", "sensor", "t", "vent_pct", "co2_ppm"]
    assert [file.names for file in files] == [named, [*named, "door"], named]
    for file in files:
        units = {f.name: f.metadata[b"unit"].decode() for f in file if f.metadata}
        assert units == {"t": "°C", "vent_pct": "%", "co2_ppm": "µg"}
        assert {str(file.field(name).type) for name in named[2:]} == {"double"}
    whole = pyarrow.dataset.dataset(paths[0].parents[3], partitioning="hive").to_table()
    rows = [{k: v for k, v in row.items() if v is not None} for row in whole.to_pylist()]
    known = {"time": NOON, "sensor": "climate", "site": "farm", "device": "cam1"}
    known |= {"date": "2026-01-31"}
    assert rows == [known | {"vent_pct": 5.0}, known | {"t": 20.0}, known | {"co2_ppm": 400.0}]


def test_in_one_run_a_signal_that_came_once_has_its_column_in_all_files_after(
    tmp_path: Path, spool: Spool
) -> None:
    with opened(tmp_path, spool, max_rows=1) as bulk:
        for value in ({"a": 1.0}, {"b": 2.0}, {"a": 3.0}):
            bulk.add("unnamed", NOON, value)
    tables = [pyarrow.parquet.ParquetFile(p).read() for p in stored(spool, tmp_path)]
    assert [table.column_names[2:] for table in tables] == [["a"], ["a", "b"], ["a", "b"]]


def test_sensors_that_name_their_signals_alike_are_told_apart(tmp_path: Path, spool: Spool) -> None:
    with opened(tmp_path, spool) as bulk:
        bulk.add("climate", NOON, {"t": 20.0})
        bulk.add("pump", NOON, {"t": 300.0})
    folder = stored(spool, tmp_path)[0].parent
    table = pyarrow.parquet.read_table(folder, columns=["t", "sensor"], partitioning=None)
    assert sorted(table.to_pylist(), key=str) == [
        {"t": 20.0, "sensor": "climate"},
        {"t": 300.0, "sensor": "pump"},
    ]


def test_a_file_is_closed_at_its_bytes(tmp_path: Path, spool: Spool) -> None:
    row_bytes = 10 + 8 + 3 * 8
    with opened(tmp_path, spool, max_bytes=1 << 20, max_rows=1_000_000) as bulk:
        for number in range(60_000):
            bulk.add("climate", NOON + timedelta(milliseconds=number), {"t": 20.0})
    rows = [pyarrow.parquet.ParquetFile(p).metadata.num_rows for p in stored(spool, tmp_path)]
    assert sum(rows) == 60_000
    assert rows[0] == rows[1] == pytest.approx((1 << 20) / row_bytes, rel=0.01)


def test_readings_of_a_restarted_device_go_on_where_they_were(tmp_path: Path, spool: Spool) -> None:
    for life in range(3):
        with opened(tmp_path, spool) as bulk:
            for number in range(life * 10, life * 10 + 10):
                bulk.add("climate", NOON + timedelta(seconds=number), {"t": float(number)})
    paths = stored(spool, tmp_path)
    assert paths == sorted(paths), "in the order of their names"
    column = pyarrow.dataset.dataset(sorted(paths)).to_table().column("t").to_pylist()
    assert column == list(range(30))


def test_a_file_that_is_made_again_is_the_same_whatever_the_configuration_says_now(
    tmp_path: Path, spool: Spool
) -> None:
    with Bulk(tmp_path / "bulk", spool, BulkSettings(), "farm", "cam1", NAMED) as bulk:
        bulk.add("climate", NOON, {"t": 20.0})
        (journal,) = (tmp_path / "bulk").iterdir()
        content = journal.read_bytes()
    (once,) = stored(spool, tmp_path)
    sealed = tmp_path / "bulk" / f"climate.{once.name[:36]}.sealed"
    sealed.write_bytes(content)
    other = {"climate": {"t": "°F"}}
    with Bulk(tmp_path / "bulk", spool, BulkSettings(), "farm", "cam1", other) as bulk:
        assert bulk.step() is Collected.SPOOLED
    assert stored(spool, tmp_path) == [once]


def test_what_waits_for_a_full_spool_is_bounded_in_bytes_and_said_while_it_lasts(
    tmp_path: Path, spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    most, seconds = BulkSettings(max_bytes=1 << 18, max_waiting_bytes=1 << 20), [0.0]
    bulk = Bulk(tmp_path / "bulk", spool, most, "farm", "cam1", NAMED, lambda: seconds[0])
    for number in range(60_000):
        bulk.add("climate", NOON + timedelta(milliseconds=number), {"t": 20.0})
    waiting = sum(path.stat().st_size for path in (tmp_path / "bulk").iterdir())
    assert waiting == pytest.approx((1 << 20) + (1 << 18), rel=0.01)
    assert bulk.losses["backlog"] > 20_000
    assert "1.0 MB, wait for the spool" in bulk.problem
    assert len(caplog.records) == 1, "not one for each"
    while bulk.step() is Collected.SPOOLED:
        pass
    before = bulk.losses["backlog"]
    for seconds[0] in (1.0, 2.0):
        bulk.add("climate", NOON, {"t": 20.0})
        assert bulk.problem
        bulk.step()
    assert (bulk.losses["backlog"], bulk.problem) == (before, "")
    bulk.close()
