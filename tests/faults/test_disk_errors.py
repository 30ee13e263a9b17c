import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.faults.accounts import accepted_in, check, objects_below
from tests.faults.device import Orders
from tests.faults.nursery import Nursery
from tests.faults.world import World
from uploader.settings import SpoolSettings, StoreSettings

FAULTY_S, AT_MOST = 0.7, 40
"""So long it has to do with such a disk, and again until enough has failed: machines are slow."""


@pytest.mark.parametrize(
    "faults",
    [
        {"write": 7},
        {"fsync": 7},
        {"rename": 5},
        {"unlink": 5},
        {"create": 5},
        {"write": 31, "fsync": 29, "rename": 23, "unlink": 19, "create": 17},
    ],
    ids=str,
)
def test_a_disk_that_fails_now_and_then_loses_nothing(
    faults: Mapping[str, int], quick: Path, notes: Path, tmp_path: Path
) -> None:
    spool, store, end = quick / "spool", quick / "store", quick / "end"
    world = World(quick, faulty=spool)
    orders = Orders(
        spool=spool,
        notes=notes,
        store=StoreSettings(url=store.as_uri(), records_every_s=0.1, records_max=20),
        bounds=SpoolSettings(min_free_bytes=0, max_count=25),
        producers=2,
        until=end,
    )
    with Nursery(tmp_path / "output", world.environment) as nursery:
        device = nursery.start(orders)
        device.ended(0.2)
        for call, every in faults.items():
            world.fail(call, every)
        for _ in range(AT_MOST):
            device.ended(FAULTY_S)
            failed = sum(world.made(call) // every for call, every in faults.items())
            if failed > 5 and "look at the disk" in nursery.said():
                break
        for call in faults:
            world.fail(call, every=0)
        end.touch()
        nursery.finished(device)
        assert "Traceback" not in nursery.said()
        assert "look at the disk" in nursery.said()

    told = json.loads((notes / "told.json").read_text())
    arrived = check(objects_below(store), accepted_in(notes), one_chain=False)
    failed = sum(world.made(call) // every for call, every in faults.items())
    print(f"{failed} calls failed, {len(arrived.lines)} frames arrived; {told}")
    assert failed > 5
    assert told["spool_failed"] + sum(told["refused"].values()) > 0
    assert (told["failing"], told["quarantined"]) == (0, 0)
