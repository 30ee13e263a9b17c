"""Part `fresh`: a service that has just been started: its first prediction, and its memory."""

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from threading import Event

from benchmarks.pipelines.film import FULL_HD, film
from benchmarks.pipelines.row import Asked, Row
from vision_app.config import data_folder

STARTS, QUICK_STARTS = 15, 4
STARTED_S = 5.0
"""By then all that is opened at a start is open."""
MEMORY_S, QUICK_MEMORY_S = 30, 10
SAMPLED_S = 0.1
LOOK_S = 0.002
PATIENCE_S = 30.0
PREDICTION = b'"schema": "vision-app/prediction/1"'
STOP_S = 30.0
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
USER, SYSTEM = 11, 12
CONFIG = """
[device]
data = "data"
[[camera]]
name = "film"
kind = "file"
source = "film"
fps = 30
loop = true
[catalogue]
cache = "{cache}"
[publish.jsonl]
path = "events.jsonl"
"""
"""All else is as by default."""


def rows(asked: Asked) -> Iterator[Row]:
    """`vision-app run`, as configured by default but for where it reads and writes."""
    _write(asked.folder)
    yield _starts(asked)
    yield _memory(asked)


def _write(folder: Path) -> None:
    (folder / "film").mkdir()
    for number, jpeg in enumerate(film(FULL_HD)):
        (folder / "film" / f"{number:04}.jpg").write_bytes(jpeg)
    (folder / "site.toml").write_text(CONFIG.format(cache=data_folder() / "models"))


def _starts(asked: Asked) -> Row:
    """The first one warms the disk, and is not counted."""
    took = [_start(asked.folder) for _ in range(1 + asked.some(STARTS, QUICK_STARTS))][1:]
    wall_s, cpu_s = zip(*took, strict=True)
    measured = f"{statistics.median(wall_s):.2f} ({min(wall_s):.2f}–{max(wall_s):.2f})"
    beside = f"{statistics.median(cpu_s):.2f} s of CPU; the models are in the page cache"
    return Row("start to the first prediction in the file, s", "≤ 1.5", measured, beside)


def _start(folder: Path) -> tuple[float, float]:
    """Seconds from the start to the line, and of processor time."""
    rmtree(folder / "data", ignore_errors=True)
    events = folder / "events.jsonl"
    events.unlink(missing_ok=True)
    begin_s = time.monotonic()
    with _running(folder) as process:
        while not (events.exists() and PREDICTION in events.read_bytes()):
            if process.poll() is not None or time.monotonic() > begin_s + PATIENCE_S:
                raise SystemExit("vision-app run predicted nothing: run it by hand")
            Event().wait(LOOK_S)
        wall_s = time.monotonic() - begin_s
        stat = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return wall_s, (int(stat[USER]) + int(stat[SYSTEM])) / TICKS_PER_S


def _memory(asked: Asked) -> Row:
    """RSS goes up and down with each look at a frame that is to be kept: so it is read often."""
    seconds = asked.some(MEMORY_S, QUICK_MEMORY_S)
    with _running(asked.folder) as process:
        Event().wait(STARTED_S)
        rss = list(_sampled(process.pid, seconds))
        peak = _kilobytes(process.pid, "status", "VmHWM")
        pss, own = (_kilobytes(process.pid, "smaps_rollup", n) for n in ("Pss", "Private_Dirty"))
    measured = f"RSS {statistics.median(rss):.0f} ({min(rss):.0f}–{max(rss):.0f})"
    beside = (
        f"at the end PSS {pss / 1000:.0f}, of which written to {own / 1000:.0f}; "
        f"at most {peak / 1000:.0f}, at the start too"
    )
    what = f"memory over {seconds} s with one 1080p camera at 30 fps, MB"
    return Row(what, "RSS ≤ 250", measured, beside)


def _sampled(pid: int, seconds: float) -> Iterator[float]:
    """RSS, MB."""
    until_s = time.monotonic() + seconds
    while time.monotonic() < until_s:
        yield _kilobytes(pid, "status", "VmRSS") / 1000
        Event().wait(SAMPLED_S)


def _kilobytes(pid: int, file: str, name: str) -> float:
    """In thousands of bytes."""
    lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    return next(int(one.split()[1]) for one in lines if one.startswith(f"{name}:")) * 1.024


@contextmanager
def _running(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """The command of the environment in which this runs."""
    program = Path(sys.executable).with_name("vision-app")
    words = [str(program), "run", "--plain", "--config", str(folder / "site.toml")]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_S)
