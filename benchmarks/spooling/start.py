"""What it costs to open a spool in which much waits: time, and memory.

    python -m benchmarks.spooling.start FOLDER WAITING [--cold]

opens it in this process, puts and lets go a little, and prints the figures as JSON.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from benchmarks.spooling.frames import choice, prediction, small
from benchmarks.spooling.ways import SETTINGS, spool
from uploader.spool import Spool

DROP_CACHES = Path("/proc/sys/vm/drop_caches")
ROOT = Path(__file__).parents[2]
PUT, LET_GO, REMOVED = 50, 5, 5_000
"""Removals are more than the names that are held in memory: they are searched again on the disk."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Of one process. MB of memory: before it was opened, then, after some use, and the most."""

    took_s: float
    before_mb: float
    opened_mb: float
    used_mb: float
    peak_mb: float


def opened(folder: Path, waiting: int, cold: bool = False) -> Opened:
    """Measured in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.spooling.start", str(folder), str(waiting)]
    command += ["--cold"] if cold else []
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return Opened(**json.loads(done.stdout))


def _measured(folder: Path, waiting: int) -> Opened:
    before_mb = _memory_mb("VmRSS")
    began = time.perf_counter()
    with spool(folder, SETTINGS.model_copy(update={"max_count": waiting + PUT - LET_GO})) as kept:
        took_s = time.perf_counter() - began
        opened_mb = _memory_mb("VmRSS")
        _use(kept, waiting)
        used_mb = _memory_mb("VmRSS")
    return Opened(took_s, before_mb, opened_mb, used_mb, _memory_mb("VmHWM"))


def _use(kept: Spool, waiting: int) -> None:
    """Puts some, the last of them beyond the bound, so that others go; then removes the oldest."""
    assert kept.waiting.entries == waiting, kept.waiting
    frame, opinion = small(), prediction()
    for _ in range(PUT):
        kept.put(frame, opinion, choice(0.9))
    assert sum(kept.tombstones.counts.values()) == LET_GO, kept.tombstones.counts
    for name in islice(iter(kept.queue.oldest, None), REMOVED):
        kept.queue.remove(name)


def _memory_mb(field: str) -> float:
    """VmRSS, or VmHWM, the most it ever was."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1000
    raise SystemExit(f"/proc/self/status does not tell {field}")


def main() -> None:
    """For `opened`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("waiting", type=int)
    parser.add_argument("--cold", action="store_true")
    asked = parser.parse_args()
    if asked.cold:
        os.sync()  # what is not on the disk yet would stay
        DROP_CACHES.write_text("3\n")
    print(json.dumps(asdict(_measured(asked.folder, asked.waiting))))


if __name__ == "__main__":
    main()
