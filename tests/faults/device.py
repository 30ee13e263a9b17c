"""The process that faults happen to: it keeps masked frames and readings, and uploads them."""

import json
import os
import random
import threading
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from masking.masker import Masker
from masking.settings import MaskingSettings
from tests.uploader.samples import OneFace, frame, prediction
from tests.wire.s3 import CREDENTIALS
from uploader.choosing.budgets.budgets import Budgets
from uploader.choosing.choice import Choice
from uploader.choosing.settings import BudgetSettings
from uploader.errors import SpoolError
from uploader.queue.entries import CHOOSING
from uploader.receipts.key import DeviceKey, open_key
from uploader.sending.uploader import Uploader
from uploader.settings import SpoolSettings, StoreSettings
from uploader.spool import Spool
from uploader.store import open_store

READINGS_EVERY = 10
NEVER = 1 << 40


class Refused(Exception):
    """It cannot start: its disk does not let it."""


class Orders(BaseModel):
    """What a device does until it is killed, or has kept its frames and is drained.

    notes: a folder that is beside the faults: what was accepted is written there, key and SHA-256,
    and at the end what was told. frames: puts of each producer. backlog: producers wait while more
    waits. per_hour: limit of kept frames, as the product keeps it. until: it goes on before this
    file is there, and keeps nothing more afterwards. full: made by it when all was put.
    """

    model_config = ConfigDict(frozen=True)

    spool: Path
    notes: Path
    store: StoreSettings
    bounds: SpoolSettings = SpoolSettings(min_free_bytes=0)
    producers: int = 1
    frames: int = NEVER
    backlog: int = NEVER
    per_hour: int | None = None
    until: Path | None = None
    full: Path | None = None

    @property
    def ends(self) -> bool:
        """Whether it may come to its end."""
        return self.until is None or self.until.exists()


@dataclass(frozen=True, slots=True)
class Told:
    """What a device says of itself when it is drained.

    problems: every sentence of its health, in order, once. refused: puts that were not accepted, by
    the kind of error, and by a budget. let_go: entries, by reason.
    """

    problems: list[str]
    refused: dict[str, int]
    let_go: dict[str, int]
    sent: dict[str, int]
    spool_failed: int
    quarantined: int
    failing: int


class Producer:
    """Puts what a camera and a sensor would, and notes what was accepted."""

    def __init__(self, orders: Orders, spool: Spool, refused: Counter[str]) -> None:
        self._orders, self._spool, self._refused = orders, spool, refused
        self._masker = Masker(OneFace(), MaskingSettings())
        self._budgets = _budgets(orders, spool)
        self._pause = threading.Event()
        self._draw = random.Random(os.urandom(8))

    def run(self) -> None:
        """All puts that were ordered."""
        path = self._orders.notes / f"accepted.{os.getpid()}.{threading.get_ident()}"
        with open(path, "ab", buffering=0) as accepted:
            for seq in range(self._orders.frames):
                while self._spool.waiting.entries > self._orders.backlog:
                    self._pause.wait(0.005)
                if self._orders.until is not None and self._orders.ends:
                    return
                accepted.write(self._noted(seq))

    def _noted(self, seq: int) -> bytes:
        try:
            return self._put(seq)
        except SpoolError as error:
            self._refused[type(error).__name__] += 1
            self._pause.wait(0.005)
            return b""

    def _put(self, seq: int) -> bytes:
        if seq % READINGS_EVERY == READINGS_EVERY - 1:
            return self._put_readings()
        if self._budgets is not None and not self._budgets.left("audit", "bench"):
            self._refused["over_budget"] += 1
            self._pause.wait(0.002)
            return b""
        shown = self._masker.mask_alone(frame(seq, datetime.now(timezone.utc)))
        choice = Choice(("audit",), by="audit", value=self._draw.random())
        record = self._spool.put(shown, prediction(0.4), choice)
        if self._budgets is not None:
            self._budgets.charge("audit", "bench", record.size_bytes)
        return f"{record.key} {record.sha256}\n".encode()

    def _put_readings(self) -> bytes:
        body, at = b"PAR1" + os.urandom(300), datetime.now(timezone.utc)
        key = self._spool.put_object("sensors", body, "application/vnd.apache.parquet", at)
        return f"{key} {sha256(body).hexdigest()}\n".encode()


def run(orders: Orders) -> None:
    """Until it is killed or drained."""
    os.environ.update(CREDENTIALS)
    store, refused, problems = open_store(orders.store), Counter[str](), dict[str, None]()
    key = open_key(orders.notes / "receipts")
    with _opened(orders, key) as spool:
        uploader = Uploader(spool, store, orders.store, draw=lambda: 0.0)
        producers = [
            threading.Thread(target=Producer(orders, spool, refused).run, daemon=True)
            for _ in range(orders.producers)
        ]
        for producer in producers:
            producer.start()
        while not _done(orders, producers, uploader):
            uploader.step()
            if orders.full is not None and not any(each.is_alive() for each in producers):
                orders.full.touch()
            problems[uploader.problem] = None
            spool.arrived.wait(min(uploader.wait_s, 0.05)) if uploader.wait_s else None
        spool.clock.close()
        _tell(orders, spool, uploader, refused, problems)
    store.close()


def _opened(orders: Orders, key: DeviceKey) -> Spool:
    """Raises Refused as `vision-app run` ends: with a sentence."""
    try:
        return Spool(orders.spool, orders.bounds, "farm", "cam1", 90, key)
    except SpoolError as error:
        raise Refused(str(error)) from error


def _done(orders: Orders, producers: list[threading.Thread], uploader: Uploader) -> bool:
    if not orders.ends or any(producer.is_alive() for producer in producers):
        return False
    if not uploader.drained:
        uploader.flush()
    return uploader.drained


def _budgets(orders: Orders, spool: Spool) -> Budgets | None:
    if orders.per_hour is None:
        return None
    limits = BudgetSettings(images_per_hour=orders.per_hour)
    return Budgets(limits, {}, NEVER, spool.clock.now_s, orders.spool / CHOOSING)


def _tell(
    orders: Orders,
    spool: Spool,
    uploader: Uploader,
    refused: Counter[str],
    problems: dict[str, None],
) -> None:
    counts = uploader.counts
    told = Told(
        problems=[problem for problem in problems if problem],
        refused=dict(refused),
        let_go={str(reason): number for reason, number in spool.tombstones.counts.items()},
        sent=dict(counts.sent),
        spool_failed=counts.spool_failed,
        quarantined=spool.quarantined.entries,
        failing=counts.failing,
    )
    (orders.notes / "told.json").write_text(json.dumps(asdict(told)))
