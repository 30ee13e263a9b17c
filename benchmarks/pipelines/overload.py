"""Part `overload`: a camera that is twice as fast as the application; the newest frame wins."""

from collections.abc import Iterator

import numpy as np

from benchmarks.pipelines.film import FULL_HD
from benchmarks.pipelines.row import Asked, Row
from benchmarks.pipelines.service import Window, percentiles, service
from models.bench.usage import resident_bytes

TOO_FAST = 120.0
SECONDS, QUICK_S = 30, 8
PROBE_S = 4.0


def rows(asked: Asked) -> Iterator[Row]:
    """Without look-ahead: frames that wait for those after them are older by intent."""
    masking = asked.masking.model_copy(update={"look_ahead": 0, "detect_every": 1})
    with service(asked.folder / "probe", masking, 1, FULL_HD, TOO_FAST) as running:
        able = running.window(PROBE_S)
    fps = 2 * able.published / able.wall_s
    with service(asked.folder / "overload", masking, 1, FULL_HD, fps) as running:
        first_mb = _mb()
        seen = [running.window(asked.some(SECONDS, QUICK_S) / 2)]
        middle_mb = _mb()
        seen.append(running.window(asked.some(SECONDS, QUICK_S) / 2))
        sizes_mb = (first_mb, middle_mb, _mb())
    yield _ages(seen, fps)
    yield Row(
        "  memory meanwhile, MB", "flat", " → ".join(f"{mb:.0f}" for mb in sizes_mb),
        "RSS at the beginning, in the middle and at the end",
    )  # fmt: skip


def _ages(seen: list[Window], fps: float) -> Row:
    """waits: of each published frame what is left of its age without its own processing."""
    waits_ms = np.array([wait for window in seen for wait in window.waits_ms])
    period_ms = 1000 / fps
    p95, p99 = np.percentile(waits_ms, (95, 99))
    published = sum(window.published for window in seen)
    dropped = sum(window.lost for window in seen)
    return Row(
        f"camera 1080p at {fps:.0f} fps, twice what is done: wait of a published frame, ms",
        f"≤ one period, {period_ms:.1f}",
        f"{(waits_ms <= period_ms).mean():.1%} do; p95 {p95:.1f}, p99 {p99:.1f}",
        f"age without decoding, masking and classifying; whole age: {percentiles(seen[-1])}; "
        f"{published} published, {dropped} given up for newer ones",
    )


def _mb() -> float:
    return resident_bytes() / 1e6
