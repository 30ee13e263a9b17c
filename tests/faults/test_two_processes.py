from pathlib import Path

import pytest

from tests.faults.accounts import accepted_in, check, objects_below
from tests.faults.device import Orders
from tests.faults.nursery import Nursery
from tests.uploader.samples import KEY
from uploader.errors import SpoolError
from uploader.settings import SpoolSettings, StoreSettings
from uploader.spool import Spool


def test_a_second_process_is_refused_and_the_first_goes_on(
    nursery: Nursery, quick: Path, notes: Path
) -> None:
    spool, store, end = quick / "spool", quick / "store", notes / "end"
    orders = Orders(
        spool=spool,
        notes=notes,
        store=StoreSettings(url=store.as_uri(), records_max=20),
        producers=2,
        backlog=30,
        until=end,
    )
    first = nursery.start(orders)
    first.ended(0.5)
    before = len(accepted_in(notes))

    refusal = f"the spool {spool} is in use by process {first.pid}: stop it or name another"
    for _ in range(20):
        with pytest.raises(SpoolError, match=refusal):
            Spool(spool, SpoolSettings(), "farm", "cam1", 90, KEY)
    assert not first.ended(0.2)

    end.touch()
    nursery.finished(first)
    arrived = check(objects_below(store), accepted_in(notes), more=False)
    assert len(arrived.lines) > before > 0
    Spool(spool, SpoolSettings(), "farm", "cam1", 90, KEY).close()


def test_a_spool_whose_process_was_killed_is_free_at_once(
    nursery: Nursery, quick: Path, notes: Path
) -> None:
    nowhere = StoreSettings(url=(quick / "absent" / "store").as_uri())
    orders = Orders(spool=quick / "spool", notes=notes, store=nowhere, until=notes / "never")
    device = nursery.start(orders)
    nursery.killed(device, 0.2)
    with Spool(orders.spool, SpoolSettings(min_free_bytes=0), "farm", "cam1", 90, KEY) as spool:
        assert spool.waiting.entries >= len(accepted_in(notes)) > 0
