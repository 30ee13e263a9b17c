"""Part `cameras`: how many cameras of 1080p at 30 fps this machine takes, and loses no frame."""

import os
from collections.abc import Iterator

from benchmarks.pipelines.bare import bare
from benchmarks.pipelines.film import FULL_HD
from benchmarks.pipelines.row import Asked, Row
from benchmarks.pipelines.service import Window, causes, percentiles, service

FPS = 30.0
TO_REACH = 3
SECONDS, QUICK_S = 20, 6
FEW = 0.001
"""Of all frames may be lost, where the machine has other things to do as well."""
BARE_FRAMES, BARE_KEPT = 150, 3


def rows(asked: Asked) -> Iterator[Row]:
    """One camera more each time, until too much is lost; then what the bare kernels allow."""
    allowed = _allowed(asked)
    for cameras in range(TO_REACH, allowed + 1):
        folder = asked.folder / f"{cameras}-cameras"
        with service(folder, asked.masking, cameras, FULL_HD, FPS) as running:
            seen = running.window(asked.some(SECONDS, QUICK_S))
        yield _row(cameras, allowed, seen)
        if seen.lost > FEW * seen.published:
            return


def _allowed(asked: Asked) -> int:
    """As many as all cores could do, did they nothing but call kernels."""
    with bare(asked.folder, asked.masking, FULL_HD) as kernels:
        cpu_s = kernels.run(BARE_FRAMES, BARE_KEPT)
    return int((os.cpu_count() or 1) / (FPS * cpu_s / BARE_FRAMES))


def _row(cameras: int, allowed: int, seen: Window) -> Row:
    cores = os.cpu_count() or 1
    return Row(
        f"{cameras} cameras 1080p30 at once",
        f"≥ {TO_REACH} (bare kernels: {allowed}), CPU < {cores} cores",
        f"{seen.published / seen.wall_s:.1f} frames a second, {causes(seen)}; "
        f"{seen.cpu_s / seen.wall_s:.2f} cores",
        f"capture to publish, ms: {percentiles(seen)}; {seen.cpu_ms:.1f} ms of CPU a frame",
    )
