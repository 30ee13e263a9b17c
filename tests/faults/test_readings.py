"""Readings that were accepted are in files, once and as they were, whatever befell the device."""

import io
import random
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pyarrow.parquet
import pytest

from tests.faults.collector import SENSORS, Collecting
from tests.faults.mounts import Mount, ext4, small
from tests.faults.nursery import Device, Nursery
from tests.faults.world import World
from uploader.queue.disk_queue import DiskQueue
from uploader.settings import BulkSettings, SpoolSettings

KILLS, LIFE = 30, 100_000
OFTEN = BulkSettings(every_s=0.03, max_rows=40)
SYNC_S = 2.0
"""A reading that is so old lies on the disk: a sync is due each second."""
YEAR_S = 365 * 86_400


def orders_for(data: Path, notes: Path, life: int = 0, bulk: BulkSettings = OFTEN) -> Collecting:
    return Collecting(
        data=data, notes=notes, bulk=bulk, first=life * LIFE, until=notes / f"end-{life}"
    )


def ended(nursery: Nursery, orders: Collecting, after_s: float = 0.0) -> None:
    """A life that ends well."""
    device = nursery.start(orders)
    device.ended(after_s)
    orders.until.touch()
    nursery.finished(device)


def accepted(notes: Path, before_s: float = float("inf")) -> set[float]:
    """Numbers of the readings that were accepted before that monotonic second."""
    lines = [line.split() for path in notes.glob("*-?") for line in path.read_text().splitlines()]
    return {float(number) for number, at_s in lines if float(at_s) < before_s}


def check(data: Path, expected: set[float]) -> set[float]:
    """All of these are in files, once; whatever is there is true, and in order. Returns all."""
    queue, found = DiskQueue(data / "spool", SpoolSettings(min_free_bytes=0)), Counter[float]()
    while (name := queue.oldest()) is not None:
        table = pyarrow.parquet.read_table(io.BytesIO(queue.read(name).body))
        times = table.column("time").to_pylist()
        assert times == sorted(times)
        assert len({at.date() for at in times}) == 1
        for row in table.to_pylist():
            number = int(row["number"])
            assert row["sensor"] == SENSORS[number % 2]
            known = {"time", "sensor", "number", f"s{number % 3}"}
            assert {key for key, value in row.items() if value is not None} == known
            found[row["number"]] += 1
        queue.remove(name)
    queue.close()
    assert set(found.values()) == {1}
    assert expected <= set(found)
    assert not [path for path in (data / "bulk").iterdir() if path.suffix in (".open", ".sealed")]
    return set(found)


def test_30_kills_lose_and_double_no_reading(nursery: Nursery, quick: Path, notes: Path) -> None:
    draw = random.Random(2026)
    for life in range(KILLS):
        nursery.killed(nursery.start(orders_for(quick, notes, life)), draw.uniform(0.02, 0.2))
    ended(nursery, orders_for(quick, notes, KILLS))
    told = accepted(notes)
    assert len(told) > 20 * KILLS
    assert len(check(quick, told) - told) <= 2 * KILLS  # killed between the reading and its note


@pytest.fixture
def disk(quick: Path) -> Iterator[Mount]:
    with ext4(quick / "disk") as mounted:
        yield mounted


@pytest.mark.parametrize("bulk", [BulkSettings(), OFTEN])
def test_a_power_cut_loses_no_reading_of_more_than_two_seconds_ago(
    disk: Mount, nursery: Nursery, notes: Path, bulk: BulkSettings
) -> None:
    device = nursery.start(orders_for(disk.folder, notes, 0, bulk))
    device.ended(SYNC_S + 0.6)
    disk.lose_power()
    nursery.killed(device, 0.02)
    disk.regain_power()
    last_s = float((notes / "0-0").read_text().split()[-1])
    old = accepted(notes, last_s - SYNC_S)
    assert len(old) > 100
    ended(nursery, orders_for(disk.folder, notes, 1, bulk))
    check(disk.folder, old)


def test_a_disk_that_fails_now_and_then_loses_no_reading_that_was_accepted(
    quick: Path, notes: Path, tmp_path: Path
) -> None:
    world = World(quick, faulty=quick / "data" / "bulk")
    with Nursery(tmp_path / "output", world.environment) as nursery:
        for life, call in enumerate(("write", "fsync", "rename", "unlink", "create")):
            orders = orders_for(quick / "data", notes, life)
            device = nursery.start(orders)
            device.ended(0.1)
            world.fail(call, every=3)
            goes_on(device, partial(failed_often, world, call))
            world.fail(call, every=0)
            orders.until.touch()
            nursery.finished(device)
            assert world.made(call) >= 3, "one of them failed"
        ended(nursery, orders_for(quick / "data", notes, 9))
        assert "Traceback" not in nursery.said()
        assert "cannot be written" in nursery.said()
    check(quick / "data", accepted(notes))


def test_a_full_disk_loses_new_readings_and_none_that_was_accepted(
    nursery: Nursery, quick: Path, notes: Path
) -> None:
    with small(quick / "disk", "size=2m") as disk:
        orders = orders_for(disk.folder, notes)
        device = nursery.start(orders)
        goes_on(device, lambda: len(accepted(notes)) > 50)
        fill(disk.folder / "full")
        goes_on(device, lambda: "No space left on device" in nursery.said())
        while_full = len(accepted(notes))
        (disk.folder / "full").unlink()
        goes_on(device, lambda: len(accepted(notes)) > while_full + 50)
        subprocess.run(["mount", "-o", "remount,size=64m", disk.folder], check=True)
        orders.until.touch()
        nursery.finished(device)
        ended(nursery, orders_for(disk.folder, notes, 1))
        assert "'disk':" in nursery.said()
        assert "No space left on device" in nursery.said()
        check(disk.folder, accepted(notes))


def failed_often(world: World, call: str) -> bool:
    return world.made(call) >= 3


def goes_on(device: Device, until: Callable[[], bool]) -> None:
    """The device goes on until that is so, by itself and however slow the machine is."""
    for _ in range(1200):
        if until():
            return
        assert not device.ended(0.05)
    raise AssertionError("it did not come to that within a minute")


def fill(path: Path) -> None:
    """As another program would, to the last page."""
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass


def test_a_wall_clock_that_jumps_by_years_loses_no_reading_and_mixes_no_days(
    quick: Path, notes: Path, tmp_path: Path
) -> None:
    world = World(quick, faulty=quick / "nothing")
    with Nursery(tmp_path / "output", world.environment) as nursery:
        for life, end_well in enumerate((True, False, True)):
            orders = orders_for(quick / "data", notes, life)
            device = nursery.start(orders)
            for off_s in (YEAR_S, -YEAR_S, 3600, 0):
                device.ended(0.1)
                world.set_clock(off_s)
            device.ended(0.1)
            if end_well:
                orders.until.touch()
                nursery.finished(device)
            else:
                nursery.killed(device, 0.0)
        ended(nursery, orders_for(quick / "data", notes, 9))
        assert "Traceback" not in nursery.said()
    check(quick / "data", accepted(notes))
