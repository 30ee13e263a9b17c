"""A spool and its uploader in the process of the test, over a line that fails; its clock flies."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path
from random import Random

from masking.masker import Masker
from masking.settings import MaskingSettings
from tests.faults.accounts import Arrived, audited, check
from tests.uploader.samples import KEY, OneFace, frame, prediction
from tests.wire.s3 import objects, settings
from uploader.choosing.choice import Choice
from uploader.errors import SpoolFull
from uploader.reading import open_reader
from uploader.sending.uploader import Outcome, Uploader
from uploader.settings import SpoolSettings, StoreSettings
from uploader.spool import Spool
from uploader.store import open_store

MOST_STEPS = 1000


class Sender:
    """Waits nowhere: what it would have waited, the clock goes on.

    accepted: key → SHA-256. told: every sentence of its health.
    """

    def __init__(self, spool: Spool, uploader: Uploader, draw: Random) -> None:
        self.spool, self.uploader = spool, uploader
        self.now_s = 0.0
        self.accepted: dict[str, str] = {}
        self.told: set[str] = set()
        self._masker, self._draw, self._seq = Masker(OneFace(), MaskingSettings()), draw, 0

    def keep(self, frames: int, readings: int = 0) -> None:
        """So many are offered to the spool."""
        for _ in range(frames):
            self._seq += 1
            shown = self._masker.mask_alone(frame(self._seq, datetime.now(timezone.utc)))
            choice = Choice(("audit",), by="audit", value=self._draw.random())
            try:
                record = self.spool.put(shown, prediction(0.4), choice)
            except SpoolFull:
                continue
            self.accepted[record.key] = record.sha256
        for _ in range(readings):
            body, at = b"PAR1" + self._draw.randbytes(300), datetime.now(timezone.utc)
            key = self.spool.put_object("sensors", body, "application/octet-stream", at)
            self.accepted[key] = sha256(body).hexdigest()

    def step(self) -> Outcome:
        """One step, and the waiting after it."""
        outcome = self.uploader.step()
        self.told.add(self.uploader.problem)
        self.now_s += self.uploader.wait_s
        return outcome

    def drain(self) -> None:
        """Until all is in the store; then nothing is wrong any more."""
        for _ in range(MOST_STEPS):
            if self.uploader.drained:
                break
            self.uploader.flush()
            self.step()
        assert self.uploader.drained
        assert self.uploader.problem == ""
        assert self.spool.quarantined.entries == 0

    def account(self, endpoint: str) -> Arrived:
        """What was accepted = what arrived, and an auditor finds nothing wrong with it."""
        reader = open_reader(settings(endpoint))
        assert audited(reader, KEY).recordless == ()
        reader.close()
        return check(objects(endpoint), self.accepted, more=False)


@contextmanager
def sender(folder: Path, store: StoreSettings, max_count: int = 100_000) -> Iterator[Sender]:
    """store: its records are sealed at 20 lines, or after a minute of the clock that flies."""
    draw, bounds = Random(2026), SpoolSettings(min_free_bytes=0, max_count=max_count)
    place = store.model_copy(update={"records_max": 20})
    with ExitStack() as ends:
        spool = ends.enter_context(Spool(folder / "spool", bounds, "farm", "cam1", 90, KEY))
        opened = open_store(place)
        ends.callback(opened.close)
        uploader = Uploader(spool, opened, place, clock=lambda: made.now_s, draw=draw.random)
        made = Sender(spool, uploader, draw)
        yield made
