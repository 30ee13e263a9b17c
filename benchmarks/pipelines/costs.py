"""Part `costs`: CPU of a frame in the whole application, beside its kernels called bare.

A processor that has slept for some milliseconds is slower for a while: its caches are cold. So like
is compared with like: the application that works without a pause with kernels in a loop, and the
one that waits for a camera with kernels that wait for it too.
"""

import math
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.pipelines.bare import Bare, bare, told
from benchmarks.pipelines.film import FULL_HD, HD, Size
from benchmarks.pipelines.row import Asked, Row
from benchmarks.pipelines.service import Service, service

FPS, TOO_FAST = 30.0, 200.0
ROUNDS, QUICK_ROUNDS = 8, 3
ROUND_S = 4.0
"""All take turns, so that what else the machine does meets each of them."""


@dataclass(slots=True)
class Spent:
    """Milliseconds of CPU of a frame, in each round: the application's, and the kernels' in a loop
    and at the pace of the camera."""

    whole: list[float] = field(default_factory=list)
    loop: list[float] = field(default_factory=list)
    paced: list[float] = field(default_factory=list)
    kept: int = 0

    def beside(self, bare: list[float]) -> str:
        """How many times as much as these kernels, and both."""
        times = [whole / sum_ms for whole, sum_ms in zip(self.whole, bare, strict=True)]
        return (
            f"{_spread(times, '.2f')} ×: {_spread(self.whole, '.1f')} beside {_spread(bare, '.1f')}"
        )


def rows(asked: Asked) -> Iterator[Row]:
    """A camera that is always faster, then one of 30 fps; all else as configured by default."""
    for size in (HD, FULL_HD):
        with bare(asked.folder / str(size), asked.masking, size) as kernels:
            fast = _spent(asked, size, TOO_FAST, kernels)
            yield Row(
                f"CPU of a frame at {size}, ms, without a pause, beside its kernels in a loop",
                "≤ 1.10 ×", fast.beside(fast.loop), told(kernels),
            )  # fmt: skip
            calm = _spent(asked, size, FPS, kernels)
            yield Row(
                f"  at {FPS:g} fps, beside its kernels at {FPS:g} fps",
                "≤ 1.10 ×", calm.beside(calm.paced),
                f"beside kernels in a loop {calm.beside(calm.loop)}; {calm.kept} frames kept",
            )  # fmt: skip


def _spent(asked: Asked, size: Size, fps: float, kernels: Bare) -> Spent:
    spent = Spent()
    with service(asked.folder / f"{size} {fps:g}", asked.masking, 1, size, fps) as running:
        for _ in range(asked.some(ROUNDS, QUICK_ROUNDS)):
            _round(spent, running, kernels)
    return spent


def _round(spent: Spent, running: Service, kernels: Bare) -> None:
    seen = running.window(ROUND_S)
    count = seen.published
    spent.whole.append(seen.cpu_ms)
    spent.kept += seen.kept
    for bare_ms, fps in ((spent.loop, math.inf), (spent.paced, FPS)):
        bare_ms.append(kernels.run(count, seen.kept, fps) * 1000 / count)


def _spread(values: list[float], form: str) -> str:
    """The median and all that was measured."""
    middle, low, high = (f"{f(values):{form}}" for f in (statistics.median, min, max))
    return f"{middle} ({low}–{high})"
