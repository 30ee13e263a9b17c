import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.accounts import accepted_in, check, objects_below
from tests.faults.device import NEVER, Orders
from tests.faults.mounts import Mount, ext4
from tests.faults.nursery import Nursery
from tests.faults.world import World
from tests.uploader.samples import entry
from uploader.queue.disk_queue import DiskQueue
from uploader.queue.tail import tail_of
from uploader.settings import SpoolSettings, StoreSettings

CUTS, CUTS_AFTER_ERRORS = 20, 10
AFTERWARDS_S = 0.02
"""So long it goes on with a disk of which everything fails."""


@pytest.fixture
def disk(quick: Path) -> Iterator[Mount]:
    with ext4(quick / "disk") as mounted:
        yield mounted


def lives(orders: Orders, cuts: int, absent: Path, draw: random.Random) -> Iterator[Orders]:
    """Half of them are cut while everything happens at once; in the others nothing was asked of the
    disk after the last frame was accepted, or after the last line was written."""
    away = StoreSettings(url=(absent / "store").as_uri())
    slowly = orders.store.model_copy(update={"records_every_s": 60.0})
    for number in range(cuts // 2):
        few = {"producers": 1, "frames": draw.randint(1, 4), "full": orders.notes / str(number)}
        yield orders.model_copy(update={"backlog": draw.choice([15, NEVER])})
        yield orders.model_copy(update=few | {"store": draw.choice([away, slowly])})


def orders_for(disk: Mount, store: Path, notes: Path) -> Orders:
    return Orders(
        spool=disk.folder / "spool",
        notes=notes,
        store=StoreSettings(url=store.as_uri(), records_every_s=0.1, records_max=20),
        bounds=SpoolSettings(min_free_bytes=0, max_count=25),
        producers=2,
        until=notes / "never",
    )


def cut(disk: Mount, nursery: Nursery, life: Orders, after_s: float) -> None:
    device = nursery.start(life)
    while life.full is not None and not nursery.reaches(device, life.full):
        device = nursery.start(life)  # each settles what the one before could not
    device.ended(after_s)
    disk.lose_power()
    nursery.killed(device, AFTERWARDS_S, may_refuse=True)
    disk.regain_power()


def test_20_power_cuts_lose_and_double_nothing(
    disk: Mount, nursery: Nursery, quick: Path, notes: Path
) -> None:
    draw, store = random.Random(2026), quick / "store"
    orders = orders_for(disk, store, notes)
    for life in lives(orders, CUTS, quick / "absent", draw):
        cut(disk, nursery, life, after_s=draw.uniform(0.02, 0.4))
    nursery.lived(orders.model_copy(update={"frames": 3, "until": None}))

    arrived = check(objects_below(store), accepted_in(notes))
    print(f"{CUTS} cuts: {len(arrived.lines)} frames arrived, {len(arrived.stones)} were let go")
    assert min(len(arrived.lines), len(arrived.stones)) > CUTS // 4


def test_power_cuts_after_flushes_that_failed_lose_and_double_nothing(
    disk: Mount, quick: Path, notes: Path, tmp_path: Path
) -> None:
    """What a failed fsync has not written may be read back, and is gone with the power."""
    draw, store = random.Random(2026), quick / "store"
    orders = orders_for(disk, store, notes)
    world = World(quick, faulty=orders.spool)
    with Nursery(tmp_path / "output", world.environment) as nursery:
        for life in lives(orders, CUTS_AFTER_ERRORS, quick / "absent", draw):
            world.fail("fsync", every=draw.choice([2, 3, 5]))
            cut(disk, nursery, life, after_s=draw.uniform(0.02, 0.3))
            world.fail("fsync", every=0)
        nursery.lived(orders.model_copy(update={"frames": 3, "until": None}))
        assert "Traceback" not in nursery.said()
    assert world.made("fsync") > 5 * CUTS_AFTER_ERRORS
    check(objects_below(store), accepted_in(notes), one_chain=False)


def test_what_was_accepted_a_moment_before_is_there_whichever_way_it_was_written(
    disk: Mount,
) -> None:
    folder, bounds = disk.folder / "spool", SpoolSettings(min_free_bytes=0)
    queue = DiskQueue(folder, bounds)
    made = [entry(random.Random(number).randbytes(3000), number) for number in range(6)]
    for each in made:
        queue.accept(each)
        queue.slots.fill()
    slots = {tail_of(path.read_bytes()) for path in folder.glob("*.entry")} - {None}
    disk.lose_power()
    queue.close()
    disk.regain_power()
    again = DiskQueue(folder, bounds)
    assert [again.read(name) for name in sorted(again.named({each.id for each in made}))] == made
    assert len(slots) >= 4, "these were written to slots, and not cut yet"
    again.close()
