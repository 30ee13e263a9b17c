"""What the system allows this process, which in a container is less than the machine has."""

import math
import os
from pathlib import Path

from devices.kernel_text import pairs, text

UNLIMITED = "max"


def usable_cores(root: Path = Path("/")) -> int:
    """How many cores this process may keep busy: its CPU affinity, and its group's quota."""
    allowed = len(os.sched_getaffinity(0))
    quota, _, period = _limit(root, "cpu.max").partition(" ")
    if quota in ("", UNLIMITED):
        return allowed
    return min(allowed, math.ceil(int(quota) / int(period)))


def usable_memory(root: Path = Path("/")) -> int:
    """How many bytes of memory this process may use: the machine's, or its group's limit."""
    total = int(pairs(root / "proc/meminfo", ":").get("MemTotal", "0").split()[0]) * 1024
    limit = _limit(root, "memory.max")
    return total if limit in ("", UNLIMITED) else min(total, int(limit))


def _limit(root: Path, name: str) -> str:
    """A limit of this process's control group (version 2); empty where there is none."""
    group = pairs(root / "proc/self/cgroup", "::").get("0", "/")
    return text(root / "sys/fs/cgroup" / group.lstrip("/") / name)
