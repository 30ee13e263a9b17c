"""How fast what waits goes to an S3 server on loopback, and what that costs this process."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.s3_server import s3_server
from benchmarks.spooling.frames import choice, masked, prediction
from benchmarks.spooling.ways import spool
from tests.wire.s3 import CREDENTIALS, emptied, settings
from uploader.sending.uploader import Outcome, Uploader
from uploader.store import open_store


@dataclass(frozen=True, slots=True)
class Sent:
    """Objects a second, and milliseconds of processor time of one."""

    per_s: float
    cpu_ms: float


def sent(folder: Path, objects: int) -> Sent:
    """So many frames of 100 KB, one after the other, and what is written of them."""
    os.environ.update(CREDENTIALS)
    frame, opinion = masked(), prediction()
    with s3_server() as server, spool(folder) as kept:
        for _ in range(objects):
            kept.put(frame, opinion, choice())
        sending = settings(emptied(server.endpoint))
        store = open_store(sending)
        uploader = Uploader(kept, store, sending)
        began, cpu_began = time.perf_counter(), time.process_time()
        for _ in range(objects):
            outcome = uploader.step()
            assert outcome is Outcome.SENT, uploader.problem
        took_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu_began
        store.close()
    return Sent(objects / took_s, 1e3 * cpu_s / objects)
