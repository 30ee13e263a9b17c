"""Part `live`: one camera of 1080p at 30 fps, of which no frame may be lost or late."""

import os
from collections.abc import Iterator

from benchmarks.pipelines.film import FULL_HD
from benchmarks.pipelines.row import Asked, Row
from benchmarks.pipelines.service import Window, causes, percentiles, service

FPS = 30.0
SECONDS, QUICK_S = 40, 8
TO_REACH = "p95 ≤ 33, p99 ≤ 50, no drop"


def rows(asked: Asked) -> Iterator[Row]:
    """Ages of published frames, without look-ahead and as configured by default."""
    default = asked.masking.look_ahead
    for ahead, to_reach in ((0, TO_REACH), (default, "")):
        masking = asked.masking.model_copy(update={"look_ahead": ahead, "detect_every": 1})
        with service(asked.folder / f"ahead-{ahead}", masking, 1, FULL_HD, FPS) as running:
            seen = running.window(asked.some(SECONDS, QUICK_S))
        what = f"1 camera 1080p30, look-ahead {ahead}: capture to publish, ms"
        yield Row(what, to_reach, f"{percentiles(seen)}; {causes(seen)}", _beside(seen))


def _beside(seen: Window) -> str:
    return (
        f"{seen.published} frames in {seen.wall_s:.0f} s; {seen.cpu_s / seen.wall_s:.2f} of "
        f"{os.cpu_count()} cores; {seen.kept} frames looked at again"
    )
