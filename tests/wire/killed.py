"""The process that test_kill.py kills: keeps frames and uploads them at the same time."""

import os
import threading
from datetime import datetime, timezone
from pathlib import Path

from tests.uploader.samples import because, masked, prediction
from tests.wire.s3 import settings
from uploader.receipts.key import open_key
from uploader.settings import SpoolSettings
from uploader.spool import Spool
from uploader.store import open_store
from uploader.uploader import Uploader

BACKLOG = 30


def produce(spool: Spool, accepted: Path, stop: threading.Event, frames: int) -> None:
    """Puts frames, and writes down durably the id of each one that was accepted."""
    with open(accepted, "a", encoding="ascii") as log:
        for seq in range(frames):
            while spool.waiting.entries > BACKLOG and not stop.wait(0.005):
                pass
            if stop.is_set():
                return
            shown = masked(seq, datetime.now(timezone.utc), (120, 160))
            record = spool.put(shown, prediction(0.4), because("low_confidence"))
            log.write(f"{record.id}\n")
            log.flush()
            os.fsync(log.fileno())


def run(folder: Path, endpoint: str, accepted: Path, producers: int, frames: int = 0) -> None:
    """Until it is killed, or, without producers, until all is in the store.

    frames: of each producer; after few of them the newest record lies in a batch, or is gone.
    """
    place = settings(endpoint).model_copy(update={"records_every_s": 0.1, "records_max": 20})
    stop, store = threading.Event(), open_store(place)
    key = open_key(folder.parent / "receipts")
    with Spool(folder, SpoolSettings(min_free_bytes=0), "farm", "cam1", 90, key) as spool:
        for number in range(producers):
            log = accepted.with_suffix(f".{number}")
            threading.Thread(target=produce, args=[spool, log, stop, frames], daemon=True).start()
        uploader = Uploader(spool, store, place)
        while producers or not uploader.drained:
            uploader.step()
            spool.arrived.wait(uploader.wait_s) if uploader.wait_s else None
        assert spool.quarantined.entries == 0
        assert uploader.counts.failing == 0
    store.close()
