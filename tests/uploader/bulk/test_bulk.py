import errno
import io
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.parts import need
from tests.uploader.samples import KEY
from uploader.bulk.bulk import Bulk, Collected
from uploader.bulk.journals import MAX_SEALED
from uploader.errors import SpoolFull, UploaderError
from uploader.identity import BatchKind, is_id
from uploader.settings import BulkSettings, SpoolSettings
from uploader.spool import Spool

try:
    import pyarrow.parquet
except ImportError:
    pyarrow = None

NOON = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
Row = dict[str, Any]


@pytest.fixture(autouse=True)
def _pyarrow() -> None:
    need("pyarrow (pip install pyarrow)", pyarrow)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with Spool(
        tmp_path / "spool", SpoolSettings(min_free_bytes=0), "farm", "cam1", 90, KEY
    ) as opened:
        yield opened


class RefusingSpool:
    """Takes nothing while `full`; else remembers ids."""

    def __init__(self) -> None:
        self.full = True
        self.ids: list[str | None] = []

    def put_object(
        self,
        kind: BatchKind,
        body: bytes,
        content_type: str,
        at: datetime,
        metadata: Mapping[str, str] | None = None,
        id: str | None = None,
    ) -> str:
        if self.full:
            raise SpoolFull("the spool takes nothing more")
        self.ids.append(id)
        return "key"


def opened(folder: Path, spool: Any, **settings: Any) -> Bulk:
    return Bulk(folder / "bulk", spool, BulkSettings(**settings), "farm", "cam1")


def add(bulk: Bulk, count: int, sensor: str = "climate", start: datetime = NOON) -> None:
    for i in range(count):
        bulk.add(sensor, start + timedelta(seconds=i), {"temperature_c": 20 + i, "vent_pct": 5.5})


def files(spool: Spool) -> list[Any]:
    """What lies in the spool, oldest first."""
    tables = []
    while (name := spool.queue.oldest()) is not None:
        tables.append(pyarrow.parquet.read_table(io.BytesIO(spool.queue.read(name).body)))
        spool.queue.remove(name)
    return tables


def rows(tables: list[Any]) -> list[Row]:
    """All of them, without the sensor that each row names."""
    return [row for table in tables for row in table.drop_columns("sensor").to_pylist()]


def test_readings_come_back_as_they_were(tmp_path: Path, spool: Spool) -> None:
    with opened(tmp_path, spool) as bulk:
        bulk.add("climate", NOON, {"temperature_c": 20.25, "co2_ppm": 1e-300})
        bulk.add("climate", NOON + timedelta(microseconds=1), {"vent_pct": -0.1})
    (table,) = files(spool)
    assert table.schema.field("time").type == pyarrow.timestamp("us", tz="UTC")
    assert {table.schema.field(s).type for s in ("temperature_c", "co2_ppm", "vent_pct")} == {
        pyarrow.float64()
    }
    assert table.column("sensor").to_pylist() == ["climate", "climate"]
    assert rows([table]) == [
        {"time": NOON, "temperature_c": 20.25, "co2_ppm": 1e-300, "vent_pct": None},
        {
            "time": NOON + timedelta(microseconds=1),
            "temperature_c": None,
            "co2_ppm": None,
            "vent_pct": -0.1,
        },
    ]
    assert bulk.losses == {}
    assert bulk.files == 1


def test_a_file_says_where_it_is_from(tmp_path: Path, spool: Spool) -> None:
    with opened(tmp_path, spool) as bulk:
        add(bulk, 3)
    name = spool.queue.oldest()
    assert name is not None
    entry = spool.queue.read(name)
    origin = {"schema": "vision-app/readings/2", "site": "farm", "device": "cam1"}
    origin |= {"sensor": "climate"}
    assert entry.key.startswith(f"sensors/site=farm/device=cam1/date=2026-01-31/{name.id}-")
    assert entry.key.endswith(".parquet")
    assert entry.content_type == "application/vnd.apache.parquet"
    assert entry.metadata == origin | {
        "rows": "3",
        "first-at": "2026-01-31T12:00:00.000Z",
        "last-at": "2026-01-31T12:00:02.000Z",
    }
    stored = pyarrow.parquet.ParquetFile(io.BytesIO(entry.body))
    metadata = stored.schema_arrow.metadata
    units = {"units": '{"temperature_c": "°C", "vent_pct": "%"}'}
    assert {k.decode(): v.decode() for k, v in metadata.items()} == origin | units
    assert stored.metadata.row_group(0).column(0).compression == "ZSTD"


def test_a_file_is_closed_at_its_rows(tmp_path: Path, spool: Spool) -> None:
    with opened(tmp_path, spool, max_rows=10) as bulk:
        add(bulk, 25)
        assert [bulk.step() for _ in range(3)] == [
            Collected.SPOOLED,
            Collected.SPOOLED,
            Collected.IDLE,
        ]
    assert [table.num_rows for table in files(spool)] == [10, 10, 5]


def test_a_file_is_closed_at_its_age(tmp_path: Path, spool: Spool) -> None:
    with opened(tmp_path, spool, every_s=1e-9) as bulk:
        assert bulk.step() is Collected.IDLE
        add(bulk, 2)
        assert (bulk.step(), bulk.wait_s) == (Collected.SPOOLED, 0.0)
        assert (bulk.step(), bulk.wait_s) == (Collected.IDLE, 0.5)
    assert [table.num_rows for table in files(spool)] == [2]


def test_a_file_holds_one_sensor_and_one_date(tmp_path: Path, spool: Spool) -> None:
    with opened(tmp_path, spool) as bulk:
        add(bulk, 2)
        add(bulk, 4, sensor="pump", start=datetime(2026, 1, 31, 23, 59, 58, tzinfo=timezone.utc))
    keys = []
    while (name := spool.queue.oldest()) is not None:
        entry = spool.queue.read(name)
        keys.append((entry.metadata["sensor"], entry.key.split("/")[3], entry.metadata["rows"]))
        spool.queue.remove(name)
    assert sorted(keys) == [
        ("climate", "date=2026-01-31", "2"),
        ("pump", "date=2026-01-31", "2"),
        ("pump", "date=2026-02-01", "2"),
    ]


def test_a_signal_that_is_called_as_a_column_of_ours_keeps_its_numbers(
    tmp_path: Path, spool: Spool
) -> None:
    with opened(tmp_path, spool) as bulk:
        bulk.add("run", NOON, {"time": 9.5, "time_": 10.5, "sensor": 11.5})
    assert rows(files(spool)) == [{"time": NOON, "time_": 9.5, "time__": 10.5, "sensor_": 11.5}]


def test_a_number_that_is_none_loses_its_reading_and_nothing_else(
    tmp_path: Path, spool: Spool
) -> None:
    with opened(tmp_path, spool) as bulk:
        for value in (1.0, math.nan, math.inf, 2.0):
            bulk.add("climate", NOON, {"a": value})
    assert [row["a"] for row in rows(files(spool))] == [1.0, 2.0]
    assert bulk.losses == {"damaged": 2}


def test_what_comes_after_the_end_is_counted(tmp_path: Path, spool: Spool) -> None:
    bulk = opened(tmp_path, spool)
    bulk.close()
    add(bulk, 2)
    bulk.close()
    assert bulk.losses == {"closed": 2}
    assert files(spool) == []


KILLED = """
import os, signal, sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from uploader.bulk.bulk import Bulk
from uploader.settings import BulkSettings
bulk = Bulk(Path(sys.argv[1]), None, BulkSettings(max_rows=7), "farm", "cam1")
for i in range(50):
    bulk.add("climate", datetime.fromtimestamp(i, timezone.utc), {"a": i})
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_kill_9_loses_no_reading(tmp_path: Path, spool: Spool) -> None:
    died = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "bulk")], check=False)
    assert died.returncode == -9
    with opened(tmp_path, spool) as bulk:
        while bulk.step() is Collected.SPOOLED:
            pass
    assert sorted(row["a"] for row in rows(files(spool))) == list(range(50))
    assert bulk.losses == {}


def test_a_journal_of_lines_of_an_earlier_version_is_read_and_what_is_half_counted(
    tmp_path: Path, spool: Spool
) -> None:
    (tmp_path / "bulk").mkdir()
    whole = [json.dumps([1000 * i, {"a": i}]).encode() + b"\n" for i in range(3)]
    damaged = [b"\0\0\0\n", b'[1,{"a":"x"}]\n', b'["x",{}]\n', b"[1]\n", b"7\n", b'{"a":1,"b":2}\n']
    torn = b'[4000,{"a":4}]'
    (tmp_path / "bulk" / "climate.open").write_bytes(b"".join([*whole, *damaged, torn]))
    with opened(tmp_path, spool) as bulk:
        bulk.step()
    assert [row["a"] for row in rows(files(spool))] == [0, 1, 2]
    assert bulk.losses == {"torn": 7}
    assert list((tmp_path / "bulk").iterdir()) == []


def test_a_journal_without_a_whole_line_becomes_no_file(tmp_path: Path, spool: Spool) -> None:
    (tmp_path / "bulk").mkdir()
    (tmp_path / "bulk" / "climate.open").write_bytes(b"[1,")
    with opened(tmp_path, spool) as bulk:
        bulk.step()
    assert files(spool) == []
    assert list((tmp_path / "bulk").iterdir()) == []


def test_a_file_that_was_spooled_before_the_end_is_not_spooled_twice(
    tmp_path: Path, spool: Spool
) -> None:
    """As after kill -9 between accepting the file and removing its journal."""
    refusing = RefusingSpool()
    with opened(tmp_path, refusing) as bulk:
        add(bulk, 5)
    (journal,) = (tmp_path / "bulk").iterdir()
    content = journal.read_bytes()
    with opened(tmp_path, spool) as bulk:
        assert bulk.step() is Collected.SPOOLED
    first = spool.queue.oldest()
    assert first is not None
    key = spool.queue.read(first).key

    journal.write_bytes(content)
    with opened(tmp_path, spool) as bulk:
        assert bulk.step() is Collected.SPOOLED
    assert spool.waiting.entries == 1
    assert not journal.exists()

    spool.queue.remove(first)
    journal.write_bytes(content)
    with opened(tmp_path, spool) as bulk:
        bulk.step()
    again = spool.queue.oldest()
    assert again == first
    assert spool.queue.read(again).key == key


def test_a_full_spool_keeps_the_readings_and_says_so(tmp_path: Path) -> None:
    refusing = RefusingSpool()
    seconds = [0.0]
    asked = BulkSettings(max_rows=2)
    bulk = Bulk(tmp_path / "bulk", refusing, asked, "farm", "cam1", {}, lambda: seconds[0])
    add(bulk, 6)
    assert (bulk.step(), bulk.wait_s) == (Collected.REFUSED, 0.5)
    assert bulk.problem == "the spool takes nothing more"

    refusing.full = False
    seconds[0] = 4.0
    assert (bulk.step(), bulk.wait_s) == (Collected.REFUSED, 0.5), "others are synced meanwhile"
    seconds[0] = 5.0
    assert bulk.step() is Collected.SPOOLED
    bulk.close()
    assert len(set(refusing.ids)) == 3
    assert all(id and is_id(id) for id in refusing.ids)
    assert (bulk.problem, bulk.losses) == ("", {})


def test_what_waits_for_a_full_spool_is_bounded_and_the_oldest_is_kept(tmp_path: Path) -> None:
    refusing = RefusingSpool()
    bulk = opened(tmp_path, refusing, max_rows=1)
    add(bulk, MAX_SEALED + 10)
    assert bulk.losses == {"backlog": 9}
    assert "readings are lost" in bulk.problem
    bulk.close()
    assert len(list((tmp_path / "bulk").iterdir())) == MAX_SEALED + 1


FULL_DISK = """
import resource, signal, sys
from datetime import datetime, timezone
from pathlib import Path
from uploader.bulk.bulk import Bulk
from uploader.settings import BulkSettings
bulk = Bulk(Path(sys.argv[1]), None, BulkSettings(), "farm", "cam1")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, -1))
for i in range(200):
    bulk.add("climate", datetime.fromtimestamp(i, timezone.utc), {"a": i})
print(bulk.losses["disk"], bulk.problem)
"""


def test_what_a_full_disk_does_not_take_is_counted_and_the_rest_is_whole(
    tmp_path: Path, spool: Spool
) -> None:
    """A limit on the size of files stands for the disk: writes are cut short, then refused."""
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "bulk")],
        capture_output=True,
        text=True,
        check=True,
    )
    lost, _, problem = done.stdout.partition(" ")
    assert "cannot be written" in problem
    with opened(tmp_path, spool) as bulk:
        bulk.step()
    kept = [row["a"] for row in rows(files(spool))]
    assert kept == list(range(200 - int(lost)))
    assert 20 < len(kept) < 200
    assert bulk.losses == {}


def test_files_of_others_in_the_folder_are_left_alone(tmp_path: Path, spool: Spool) -> None:
    (tmp_path / "bulk").mkdir()
    foreign = ("notes.txt", "x.sealed", "climate.not-an-id.sealed")
    for name in foreign:
        (tmp_path / "bulk" / name).write_text("mine")
    with opened(tmp_path, spool) as bulk:
        add(bulk, 1)
        bulk.step()
    assert sorted(p.name for p in (tmp_path / "bulk").iterdir()) == sorted(foreign)


def test_a_journal_that_cannot_be_read_does_not_hold_up_the_others(
    tmp_path: Path, spool: Spool
) -> None:
    bulk = opened(tmp_path, spool, max_rows=1)
    add(bulk, 2)
    (oldest,) = (tmp_path / "bulk").glob("*.sealed")
    add(bulk, 1)
    oldest.unlink()
    oldest.mkdir()
    assert bulk.step() is Collected.REFUSED
    assert os.strerror(errno.EISDIR) in bulk.problem
    assert bulk.step() is Collected.SPOOLED
    oldest.rmdir()
    bulk.close()


def test_a_folder_that_cannot_be_used_is_refused(tmp_path: Path, spool: Spool) -> None:
    (tmp_path / "bulk").write_text("")
    with pytest.raises(UploaderError, match="cannot take sensor readings"):
        opened(tmp_path, spool)


def test_without_pyarrow_it_says_what_to_install(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from pathlib import Path; from uploader.errors import UploaderError\n"
        "from uploader.bulk.bulk import Bulk; from uploader.settings import BulkSettings\n"
        "try:\n    Bulk(Path(sys.argv[1]), None, BulkSettings(), 'farm', 'cam1')\n"
        "except UploaderError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "bulk")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "pip install 'vision-app[sensors]'" in done.stdout
    assert done.stdout.count("\n") == 1
