"""Part `costs`: CPU of a frame in the whole application, beside its kernels called bare."""

import statistics
from collections.abc import Iterator

from benchmarks.pipelines.bare import bare, told
from benchmarks.pipelines.film import FULL_HD, HD, Size
from benchmarks.pipelines.row import Asked, Row
from benchmarks.pipelines.service import service

FPS = 30.0
ROUNDS, QUICK_ROUNDS = 8, 3
ROUND_S = 4.0
"""The two take turns, so that what else the machine does meets both."""


def rows(asked: Asked) -> Iterator[Row]:
    """A camera of 30 fps, as configured by default."""
    for size in (HD, FULL_HD):
        yield _size(asked, size)


def _size(asked: Asked, size: Size) -> Row:
    folder, masking = asked.folder / str(size), asked.masking
    whole_ms, bare_ms, times, kept = [], [], [], 0
    with service(folder, masking, 1, size, FPS) as running, bare(folder, masking, size) as kernels:
        for _ in range(asked.some(ROUNDS, QUICK_ROUNDS)):
            seen = running.window(ROUND_S)
            sum_s = kernels.run(seen.published, seen.kept)
            whole_ms.append(seen.cpu_ms)
            bare_ms.append(sum_s * 1000 / seen.published)
            times.append(whole_ms[-1] / bare_ms[-1])
            kept += seen.kept
        what = f"CPU of a frame at {size}, ms, beside its kernels bare"
        both_ms = f"{_spread(whole_ms, '.1f')} beside {_spread(bare_ms, '.1f')}"
        measured = f"{_spread(times, '.2f')} ×: {both_ms}"
        beside = f"{kept} of {kernels.frames} frames looked at again; bare: {told(kernels)}"
    return Row(what, "≤ 1.10 ×", measured, beside)


def _spread(values: list[float], form: str) -> str:
    """The median and all that was measured."""
    middle, low, high = (f"{f(values):{form}}" for f in (statistics.median, min, max))
    return f"{middle} ({low}–{high})"
