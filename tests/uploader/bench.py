"""A spool, an uploader and a store in memory, wired as the product wires them."""

import gzip
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.uploader.samples import KEY, NOON, because, masked, prediction
from tests.uploader.stores import MemoryStore
from uploader.errors import StoreError
from uploader.receipts.key import DeviceKey
from uploader.record import Record
from uploader.sending.gate import Gate
from uploader.sending.uploader import Outcome, Uploader
from uploader.settings import SpoolSettings, StoreSettings
from uploader.spool import Spool

SETTINGS = StoreSettings(url="file:///unused", records_every_s=60, records_max=5)

ROOMY = SpoolSettings(min_free_bytes=0)


class Bench:
    """A spool, a store and an uploader whose clock stands still until it is set."""

    def __init__(
        self,
        folder: Path,
        *answers: StoreError | None,
        key: DeviceKey = KEY,
        settings: SpoolSettings = ROOMY,
        gate: Gate | None = None,
    ) -> None:
        self.now_s = 0.0
        self.spool = Spool(folder, settings, "farm", "cam1", 90, key)
        self.store = MemoryStore(*answers)
        self.uploader = Uploader(
            self.spool, self.store, SETTINGS, clock=lambda: self.now_s, draw=lambda: 1.0, gate=gate
        )

    def keep(self, count: int = 1, minutes: int = 0) -> list[Record]:
        start = NOON + timedelta(minutes=minutes)
        frames = [masked(seq, start + timedelta(seconds=seq)) for seq in range(count)]
        return [self.spool.put(each, prediction(), because("low_confidence")) for each in frames]

    def steps(self) -> list[Outcome]:
        """Steps until nothing waits."""
        made = [self.uploader.step()]
        while made[-1] is not Outcome.IDLE:
            made.append(self.uploader.step())
        return made

    def lines(self) -> list[dict[str, Any]]:
        """The lines of all batches in the store."""
        return self._lines("records/")

    def tombstones(self) -> list[dict[str, Any]]:
        """The lines about what was let go, in the store."""
        return self._lines("tombstones/")

    def drain(self) -> None:
        """Until all is in the store, records included."""
        self.steps()
        self.uploader.flush()
        self.steps()
        assert self.drained()

    def drained(self) -> bool:
        return self.uploader.drained

    def _lines(self, prefix: str) -> list[dict[str, Any]]:
        bodies = [o.body for o in self.store.objects.values() if o.key.startswith(prefix)]
        return [json.loads(line) for body in bodies for line in gzip.decompress(body).splitlines()]
