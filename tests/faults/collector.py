"""The process that faults happen to: it collects readings, and notes which were accepted."""

import os
import threading
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from tests.faults.device import Refused
from tests.uploader.samples import KEY
from uploader.bulk.bulk import Bulk, Collected
from uploader.errors import UploaderError
from uploader.settings import BulkSettings, SpoolSettings
from uploader.spool import Spool

SENSORS = ("climate", "pump")


class Collecting(BaseModel):
    """What it does until it is killed, or until the file `until` is there.

    data: for journals and spool. notes: a folder beside the faults: for each accepted reading a
    line, its number and the monotonic second at which it was accepted. first: number of the first.
    """

    model_config = ConfigDict(frozen=True)

    data: Path
    notes: Path
    bulk: BulkSettings
    first: int
    until: Path


def collect(orders: Collecting) -> None:
    """Two sensors are read while the main thread makes files."""
    spool, bulk = _opened(orders)
    done = threading.Event()
    threads = [
        threading.Thread(target=_read, args=(orders, bulk, place, done), daemon=True)
        for place in range(len(SENSORS))
    ]
    for thread in threads:
        thread.start()
    while not orders.until.exists():
        if bulk.step() is not Collected.SPOOLED:
            done.wait(0.005)
    done.set()
    for thread in threads:
        thread.join()
    bulk.close()
    spool.queue.close()
    print(bulk.losses, bulk.problem)


def _opened(orders: Collecting) -> tuple[Spool, Bulk]:
    """Raises Refused as `vision-app run` ends: with a sentence."""
    bounds = SpoolSettings(min_free_bytes=0)
    try:
        spool = Spool(orders.data / "spool", bounds, "farm", "cam1", 90, KEY)
        return spool, Bulk(orders.data / "bulk", spool, orders.bulk, "farm", "cam1")
    except UploaderError as error:
        raise Refused(str(error)) from error


def _read(orders: Collecting, bulk: Bulk, place: int, done: threading.Event) -> None:
    """Numbers of its own: even ones, or odd ones."""
    number, note = orders.first + place, _noter(orders.notes / f"{orders.first}-{place}")
    while not done.wait(0.0005):
        before = sum(bulk.losses.values())
        at = datetime.now(timezone.utc)
        bulk.add(SENSORS[place], at, {"number": float(number), f"s{number % 3}": 0.0})
        if sum(bulk.losses.values()) == before:
            note(f"{number} {time.monotonic()}\n")
        number += len(SENSORS)


def _noter(path: Path) -> Callable[[str], object]:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    return lambda text: os.write(file, text.encode())
