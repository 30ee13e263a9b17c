"""How fast frames come to lie safely on the disk, and what it costs that many of them wait.

    python -m benchmarks.spool [--folder FOLDER] [--part put …] [--cold]

--folder: on the disk to be measured; a temporary folder is made in it. By default in the data
folder of this user. --cold: the spool is opened after emptying the page cache of the machine, which
only root may do. Ways that are compared take turns, so that what else the disk has to do meets all
of them. Figures are medians, with the 10th and the 90th percentile.
"""

import argparse
import os
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from benchmarks.spooling.crowd import fill
from benchmarks.spooling.disk import described
from benchmarks.spooling.puts import at_once, one_by_one
from benchmarks.spooling.sending import sent
from benchmarks.spooling.start import DROP_CACHES, opened
from benchmarks.spooling.ways import BARE, QUEUE, SPOOL, SPOOL_IN_SQLITE, SQLITE, ways
from vision_app.config import data_folder

ROUNDS, THREADS = 300, (1, 2, 4, 8)
GROUPS, GROUP = 15, 48
"""Rounds of several threads, and puts of all threads in each."""
LONG_GROUPS, LONG_GROUP = 5, 480
"""So many that what is prepared between puts (uploader/queue/slots.py) is paid for in the turn."""
PAIRS = ((QUEUE, SQLITE), (SPOOL, SPOOL_IN_SQLITE))
WAITING = (10, 1_000, 10_000, 100_000)
OBJECTS = 300


def put(folder: Path, _: bool) -> None:
    """One producer. Puts a second are of the mean: SQLite writes all of 40 puts again in one."""
    _head("a durable put of 100 KB, one after the other", "ms", "puts a second")
    with ways(folder) as found:
        took_ms = one_by_one(found, ROUNDS)
    for name, took in took_ms.items():
        _row(name, _spread(took, ".2f"), f"{1e3 / took.mean():.0f}")
    for ours, theirs in PAIRS:
        faster = took_ms[theirs].mean() / took_ms[ours].mean()
        middle = _times(took_ms[theirs], took_ms[ours])
        _row(f"{ours} beside {theirs} (≥ 1×)", middle, f"{faster:.2f}×")


def backlog(folder: Path, _: bool) -> None:
    """Several producers."""
    _head("puts a second, threads at once:", *map(str, THREADS))
    with ways(folder) as found:
        rates = [at_once(found, threads, GROUP // threads, GROUPS) for threads in THREADS]
        for name in found:
            _row(name, *(_spread(rate[name], ".0f") for rate in rates))
    for ours, theirs in PAIRS:
        _row(f"{ours} beside {theirs} (≥ 3×)", *(_times(r[ours], r[theirs]) for r in rates))


def sustained(folder: Path, _: bool) -> None:
    """As backlog, without a pause between puts, or in which others pay for what was prepared."""
    _head("puts a second, long turns, threads at once:", *map(str, THREADS))
    with ways(folder) as found:
        few = {name: found[name] for name in (BARE, QUEUE, SQLITE)}
        rates = [at_once(few, t, LONG_GROUP // t, LONG_GROUPS) for t in THREADS]
    for name in few:
        _row(name, *(_spread(rate[name], ".0f") for rate in rates))
    _row(f"{QUEUE} beside {SQLITE}", *(_times(r[QUEUE], r[SQLITE]) for r in rates))


def start(folder: Path, cold: bool) -> None:
    """A crowd that waits, seen by processes that have just been started."""
    _head("waiting", "opened in s (< 2)", "MB more: opened (± 5)", "used (± 5)", "at most (± 5)")
    for waiting in WAITING:
        fill(folder / "spool", waiting)
        seen = opened(folder / "spool", waiting, cold)
        memory_mb = (seen.opened_mb, seen.used_mb, seen.peak_mb)
        more = (f"{mb - seen.before_mb:.1f}" for mb in memory_mb)
        _row(f"{waiting:,}{', cold' if cold else ''}", f"{seen.took_s:.3f}", *more)


def upload(folder: Path, _: bool) -> None:
    """Into a server on loopback."""
    _head("frames of 100 KB to an S3 server on loopback", "a second", "ms of CPU each")
    done = sent(folder / "spool", OBJECTS)
    _row("one after the other", f"{done.per_s:.0f}", f"{done.cpu_ms:.1f}")


PARTS: Mapping[str, Callable[[Path, bool], None]] = {
    "put": put, "backlog": backlog, "sustained": sustained, "start": start, "upload": upload
}  # fmt: skip


def _spread(values: NDArray[np.float64], form: str) -> str:
    low, middle, high = (format(value, form) for value in np.percentile(values, (10, 50, 90)))
    return f"{middle} ({low}–{high})"


def _times(more: NDArray[np.float64], less: NDArray[np.float64]) -> str:
    """How many times as much, of the medians."""
    return f"{np.median(more) / np.median(less):.2f}×"


def _head(*titles: str) -> None:
    print()
    _row(*titles)
    print("|---" * len(titles) + "|")


def _row(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


def main() -> None:
    """Prints the parts that were asked for."""
    parser = argparse.ArgumentParser(description="Measure the spool.")
    parser.add_argument("--folder", type=Path, default=data_folder())
    parser.add_argument("--part", nargs="+", choices=PARTS, default=tuple(PARTS))
    parser.add_argument("--cold", action="store_true")
    asked = parser.parse_args()
    if asked.cold and not os.access(DROP_CACHES, os.W_OK):
        raise SystemExit(f"--cold needs a {DROP_CACHES} that may be written: become root")
    asked.folder.mkdir(parents=True, exist_ok=True)
    print(f"{described(asked.folder)}; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"SQLite {sqlite3.sqlite_version}: WAL, synchronous=FULL, a transaction for each put")
    for part in asked.part:
        with TemporaryDirectory(prefix="spool-benchmark-", dir=asked.folder) as folder:
            PARTS[part](Path(folder), asked.cold)


if __name__ == "__main__":
    main()
