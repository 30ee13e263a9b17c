import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.faults.accounts import Arrived, accepted_in, check, objects_below
from tests.faults.device import READINGS_EVERY, Orders
from tests.faults.mounts import Mount, small
from tests.faults.nursery import Nursery
from uploader.settings import SpoolSettings, StoreSettings

FRAMES = 600
FRAMES_ONLY = READINGS_EVERY - 1
"""Readings can go without a line, which would make room."""
EXCEPTIONS = 2
"""One that is being sent is not let go, and there may be room for a last one of little worth."""
FULL = ["size=1m", "size=64m,nr_inodes=80"]


@pytest.fixture
def disk(request: pytest.FixtureRequest, quick: Path) -> Iterator[Mount]:
    with small(quick / "disk", request.param) as mounted:
        yield mounted


def lived_without_a_store(
    nursery: Nursery, orders: Orders, before: Callable[[], None] = lambda: None
) -> tuple[Arrived, dict[str, Any]]:
    """What arrived, and what was told. The store comes when all was put, and before was called."""
    mounted, put = orders.notes / "network", orders.notes / "put"
    store = StoreSettings(url=(mounted / "store").as_uri(), records_max=20)
    device = nursery.start(orders.model_copy(update={"store": store, "full": put}))
    nursery.waits_for(device, put)
    before()
    mounted.mkdir()
    nursery.finished(device)
    arrived = check(objects_below(mounted / "store"), accepted_in(orders.notes), more=False)
    told = json.loads((orders.notes / "told.json").read_text())
    assert (told["quarantined"], told["failing"]) == (0, 0)
    return arrived, told


def orders_for(disk: Mount, notes: Path, frames: int, bounds: SpoolSettings) -> Orders:
    nowhere = StoreSettings(url="file:///nowhere/else")
    return Orders(
        spool=disk.folder / "spool", notes=notes, store=nowhere, bounds=bounds, frames=frames
    )


def fill(folder: Path) -> None:
    """As another program would, to the last file and the last page."""
    page = bytes(4096)
    for number in range(1000):
        with suppress(OSError), open(folder / f"full-{number}", "ab", buffering=0) as file:
            while file.write(page):
                pass


@pytest.mark.parametrize("disk", FULL, indirect=True)
def test_a_disk_that_is_full_before_any_bound_refuses_frames_and_loses_none(
    disk: Mount, nursery: Nursery, notes: Path
) -> None:
    orders = orders_for(disk, notes, FRAMES, SpoolSettings(min_free_bytes=0))
    arrived, told = lived_without_a_store(nursery, orders)
    assert set(told["refused"]) == {"SpoolFull"}
    assert told["refused"]["SpoolFull"] > 100
    assert len(arrived.lines) > 30
    assert not arrived.stones


@pytest.mark.parametrize("disk", FULL, indirect=True)
def test_a_disk_that_others_fill_to_the_last_byte_or_file_holds_nothing_back(
    disk: Mount, nursery: Nursery, notes: Path
) -> None:
    orders = orders_for(disk, notes, FRAMES_ONLY, SpoolSettings(min_free_bytes=0))
    arrived, told = lived_without_a_store(nursery, orders, lambda: fill(disk.folder))
    assert len(arrived.lines) == FRAMES_ONLY
    assert told["spool_failed"] > 0
    assert "is full: free some of it" in nursery.said()


@pytest.mark.parametrize("disk", ["size=2m"], indirect=True)
def test_where_a_disk_has_to_keep_room_the_least_valuable_goes(
    disk: Mount, nursery: Nursery, notes: Path
) -> None:
    orders = orders_for(disk, notes, FRAMES, SpoolSettings(min_free_bytes=300_000))
    arrived, told = lived_without_a_store(nursery, orders)
    assert told["let_go"]["min_free_bytes"] == len(arrived.stones) > 20
    assert set(told["refused"]) <= {"SpoolFull"}
    lines = [line["chosen"]["value"] for line in arrived.lines]
    stones = [stone["value"] / 100 for stone in arrived.stones if stone["kind"] == "frame"]
    assert sum(value < max(stones) - 0.01 for value in lines) <= EXCEPTIONS < len(lines) / 20
