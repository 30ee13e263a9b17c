import random
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.faults.accounts import Arrived, accepted_in, check, objects_below
from tests.faults.device import Orders
from tests.faults.nursery import Nursery
from tests.faults.world import World
from uploader.settings import SpoolSettings, StoreSettings

YEAR_S = 365 * 86_400
LIVES = 8
AN_HOUR_ALLOWS = 25


@pytest.fixture
def world(quick: Path) -> World:
    return World(quick, faulty=quick / "spool")


@pytest.fixture
def nursery(world: World, tmp_path: Path) -> Iterator[Nursery]:
    with Nursery(tmp_path / "output", world.environment) as made:
        yield made
    assert "Traceback" not in made.said()


def after_jumps(world: World, nursery: Nursery, orders: Orders, store: Path) -> Arrived:
    """Jumps while it runs, with and without a store, and between the runs; some end by kill -9."""
    draw = random.Random(2026)
    away = StoreSettings(url=(store.parent / "absent" / "store").as_uri())
    for number in range(LIVES):
        end = orders.notes / f"end-{number}"
        world.set_clock(draw.choice([-YEAR_S, 0, YEAR_S]))
        changes = {"until": end, "store": orders.store if number % 2 else away}
        device = nursery.start(orders.model_copy(update=changes))
        for off_s in draw.sample([-YEAR_S, 0, YEAR_S], 3):
            device.ended(0.08)
            world.set_clock(off_s)
        if number % 4 == 1:
            end.touch()
            nursery.finished(device)
        else:
            nursery.killed(device, 0.08)
    nursery.lived(orders.model_copy(update={"frames": 3}))
    return check(objects_below(store), accepted_in(orders.notes))


def orders_for(quick: Path, notes: Path, per_hour: int | None = None) -> Orders:
    return Orders(
        spool=quick / "spool",
        notes=notes,
        store=StoreSettings(url=(quick / "store").as_uri(), records_every_s=0.1, records_max=20),
        bounds=SpoolSettings(min_free_bytes=0, max_age_days=1),
        backlog=500,
        per_hour=per_hour,
    )


def test_a_wall_clock_that_jumps_by_years_loses_nothing_and_ages_nothing(
    world: World, nursery: Nursery, quick: Path, notes: Path
) -> None:
    arrived = after_jumps(world, nursery, orders_for(quick, notes), quick / "store")
    this_year = datetime.now().year
    years = {int(line["captured_at"][:4]) for line in arrived.lines}
    assert len(years) == 3
    assert this_year in years
    assert not arrived.stones


def test_a_wall_clock_that_jumps_by_years_gives_no_budget_back(
    world: World, nursery: Nursery, quick: Path, notes: Path
) -> None:
    orders = orders_for(quick, notes, per_hour=AN_HOUR_ALLOWS)
    arrived = after_jumps(world, nursery, orders, quick / "store")
    kept = len(arrived.lines)
    assert AN_HOUR_ALLOWS - LIVES <= kept <= AN_HOUR_ALLOWS
