"""How fast what waits goes to an S3 server on loopback, and what that costs this process.

    python -m benchmarks.spooling.sending

is that server: it prints where it is, and ends with its input.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.spooling.frames import choice, masked, prediction
from benchmarks.spooling.ways import spool
from tests.wire.s3 import CREDENTIALS, emptied, moto_s3, settings
from uploader.sending.uploader import Outcome, Uploader
from uploader.store import open_store

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Sent:
    """Objects a second, and milliseconds of processor time of one."""

    per_s: float
    cpu_ms: float


def sent(folder: Path, objects: int) -> Sent:
    """So many frames of 100 KB, one after the other, and what is written of them."""
    os.environ.update(CREDENTIALS)
    frame, opinion = masked(), prediction()
    with _server() as endpoint, spool(folder) as kept:
        for _ in range(objects):
            kept.put(frame, opinion, choice())
        sending = settings(emptied(endpoint))
        store = open_store(sending)
        uploader = Uploader(kept, store, sending)
        began, cpu_began = time.perf_counter(), time.process_time()
        for _ in range(objects):
            outcome = uploader.step()
            assert outcome is Outcome.SENT, uploader.problem
        took_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu_began
        store.close()
    return Sent(objects / took_s, 1e3 * cpu_s / objects)


@contextmanager
def _server() -> Iterator[str]:
    """In a process of its own, so that only ours is measured."""
    command = [sys.executable, "-m", "benchmarks.spooling.sending"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.stdin.close()


def main() -> None:
    """The server."""
    os.environ.update(CREDENTIALS)
    with moto_s3() as endpoint:
        print(endpoint, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
