import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faults.accounts import Held, accepted_in, audited, check, objects_below
from tests.faults.device import NEVER, Orders
from tests.faults.nursery import Nursery
from tests.wire.s3 import objects, settings
from uploader.reading import open_reader
from uploader.receipts.key import open_key
from uploader.settings import SpoolSettings, StoreSettings

pytestmark = pytest.mark.wire

INTO_A_FOLDER, INTO_S3 = 160, 40


def killed(nursery: Nursery, orders: Orders, kills: int, lives_s: Sequence[float]) -> None:
    """In some lives producers wait for the uploader, in some they have few frames, so that the
    newest record lies in a batch or is gone, and in some the spool has to let go of something."""
    moments = random.Random(2026)
    for _ in range(kills):
        backlog, frames = moments.choice([(15, NEVER), (15, 3), (NEVER, NEVER)])
        life = orders.model_copy(update={"backlog": backlog, "frames": frames})
        nursery.killed(nursery.start(life), after_s=moments.uniform(*lives_s))
    nursery.lived(orders.model_copy(update={"frames": 3, "until": None}))


def account(held: Held, notes: Path, kills: int, store: StoreSettings) -> None:
    arrived = check(held, accepted_in(notes))
    reader = open_reader(store)
    found = audited(reader, open_key(notes / "receipts"))
    reader.close()
    both = {stone["key"] for stone in arrived.stones} & set(arrived.frames)
    assert {each.key for each in found.recordless} == both
    print(f"{len(both)} frames have a tombstone instead of a record")
    print(f"{kills} kills: {len(arrived.lines)} frames arrived, {len(arrived.stones)} were let go")
    assert min(len(arrived.lines), len(arrived.stones)) > kills // 20


def orders_for(store: StoreSettings, folder: Path, notes: Path) -> Orders:
    return Orders(
        spool=folder / "spool",
        notes=notes,
        store=store.model_copy(update={"records_every_s": 0.1, "records_max": 20}),
        bounds=SpoolSettings(min_free_bytes=0, max_count=25),
        producers=2,
        until=folder / "never",
    )


def test_160_kills_while_uploading_to_a_folder_lose_and_double_nothing(
    nursery: Nursery, quick: Path, notes: Path
) -> None:
    store = quick / "store"
    orders = orders_for(StoreSettings(url=store.as_uri()), quick, notes)
    killed(nursery, orders, INTO_A_FOLDER, lives_s=(0.01, 0.15))
    account(objects_below(store), notes, INTO_A_FOLDER, orders.store)


def test_40_kills_while_uploading_to_s3_lose_and_double_nothing(
    endpoint: str, nursery: Nursery, quick: Path, notes: Path
) -> None:
    store = settings(endpoint)
    killed(nursery, orders_for(store, quick, notes), INTO_S3, lives_s=(0.05, 0.6))
    account(objects(endpoint), notes, INTO_S3, store)
