"""What this process and those that it started have used so far: processor time and memory."""

import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Thread

PROC = Path("/proc")
THREAD_CLOCK = 6
"""Of a thread's processor time: the low bits of its clock's number, by which Linux knows it."""
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PARENT, _USER, _SYSTEM = 1, 11, 12
"""Fields of /proc/<pid>/stat, counted from the state, which follows the name."""


def processor_s() -> float:
    """Seconds of processor time of all threads, and of all processes below this one."""
    below = sum(int(stat[_USER]) + int(stat[_SYSTEM]) for _, stat in _below(os.getpid()))
    return time.process_time() + below / TICKS_PER_S


def processor_s_besides(threads: Iterable[Thread]) -> float:
    """Seconds of processor time of this process without that of those threads."""
    return time.process_time() - sum(_ran_s(thread.native_id) for thread in threads)


def resident_bytes() -> int:
    """Memory that this process occupies now."""
    return _status(os.getpid(), "VmRSS")


def peak_bytes() -> int:
    """The most memory that this process ever occupied, and with it all processes below."""
    pids = (os.getpid(), *(pid for pid, _ in _below(os.getpid())))
    return sum(_status(pid, "VmHWM") for pid in pids)


def _ran_s(thread: int | None) -> float:
    """0 for one that ended, or never began."""
    if thread is None:
        return 0.0
    try:
        return time.clock_gettime((~thread << 3) | THREAD_CLOCK)
    except OSError:
        return 0.0


def _below(pid: int) -> Iterator[tuple[int, list[str]]]:
    """Processes that a process started, and those that they started; what ended is not there."""
    stats = {int(entry.name): _stat(entry) for entry in PROC.glob("[0-9]*")}
    parents = [pid]
    while parents:
        parent = parents.pop()
        for child, stat in stats.items():
            if stat and int(stat[_PARENT]) == parent:
                parents.append(child)
                yield child, stat


def _stat(entry: Path) -> list[str]:
    try:
        return (entry / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _status(pid: int, field: str) -> int:
    try:
        lines = (PROC / str(pid) / "status").read_text().splitlines()
    except OSError:
        return 0
    found = (line.split()[1] for line in lines if line.startswith(f"{field}:"))
    return int(next(found, "0")) * 1024
