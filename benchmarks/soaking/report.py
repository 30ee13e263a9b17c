"""What a soak ends with: tables, and every promise that was broken."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from benchmarks.soaking.books import Stored
from benchmarks.soaking.fault import Health
from benchmarks.soaking.process import Sample
from benchmarks.soaking.track import Happening
from benchmarks.soaking.trend import grown, trend

MAX_MB_PER_H = 1.0
JUDGED_S = 1500.0
"""Over less time the slope of memory says nothing of an hour."""
MEMORY = ("rss_mb", "anonymous_mb", "pss_mb")
JUDGED_SAMPLES = 30
"""With fewer calm ones, a moment in which a connection is made looks like growth."""
PERCENTILES = (50, 95, 99)
ROWS = 13


def row(*cells: object) -> None:
    """Of a Markdown table."""
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


def head(*titles: str) -> None:
    """Of a Markdown table."""
    print()
    row(*titles)
    print("|---" * len(titles) + "|")


def over_time(samples: Sequence[Sample], warm_s: float) -> Iterator[str]:
    """Memory, descriptors and threads over time; yields what grows."""
    head("minute", "RSS MB", "anonymous MB", "PSS MB", "descriptors", "threads", "CPU %")
    for part in np.array_split(np.arange(len(samples)), min(ROWS, len(samples))):
        _moment([samples[i] for i in part])
    warm = [one for one in samples if one.at_s >= warm_s]
    print(f"\nFrom minute {warm_s / 60:.1f} on, {len(warm)} samples:")
    yield from _memory(warm)
    for name in ("fds", "threads"):
        yield from _count(name, warm)


def faults(happened: Sequence[Happening]) -> Iterator[str]:
    """What each kind did; yields each promise that was broken."""
    head("fault", "times", "noticed in s: median, most", "mended in s: median, most")
    for name in sorted({one.fault.name for one in happened}):
        mine = [one for one in happened if one.fault.name == name]
        noticed = [one.noticed_s for one in mine if one.noticed_s is not None]
        mended = [one.mended_s for one in mine if one.mended_s is not None]
        row(name, len(mine), _middle_and_most(noticed), _middle_and_most(mended))
    yield from (one.broken for one in happened if one.broken)


def ledgers(health: Health) -> None:
    """Where every frame of each camera went."""
    head("camera", "captured", "ended as", "kept", "not kept", "lost before")
    for name, camera in health["cameras"].items():
        counts = (camera[key] for key in ("ends", "not_kept", "losses"))
        ends, not_kept, losses = map(_counts, counts)
        row(name, camera["captured"], ends, camera["kept_frames"], not_kept, losses)


def latencies(of_cameras: Mapping[str, Sequence[float]]) -> None:
    """From capture to publishing, over all of the run."""
    head("camera", "frames", *(f"p{p} ms" for p in PERCENTILES), "most ms")
    for name, late_ms in sorted(of_cameras.items()):
        values = np.percentile(late_ms, (*PERCENTILES, 100))
        row(name, len(late_ms), *(f"{value:.0f}" for value in values))


def store(health: Health, there: Stored) -> None:
    """What arrived where."""
    kept = sum(camera["kept_frames"] for camera in health["cameras"].values())
    print(
        f"\nFrames: {kept} accepted = {there.frames} in the store ({there.matching} by hash) "
        f"+ {there.let_go} let go; {_counts(health['spool']['let_go'])}"
    )
    print(f"Uploads: {_counts(health['uploads']['sent'])}; {health['uploads']['retries']} retries")


def broker(health: Health, heard: int, told: int, twice: int) -> Iterator[str]:
    """Whether those who listen heard all that was not refused, as it is where no room is left."""
    refused = health["publishers"]["mqtt"]["refused"]
    print(f"Broker: {heard} of {told} predictions heard, {twice} of them more than once")
    print(f"Publishers: {health['publishers']}")
    if told - heard > refused:
        yield f"{told - heard} predictions were not heard, and only {refused} events were refused"


def _moment(samples: Sequence[Sample]) -> None:
    first, last = samples[0], samples[-1]
    passed_s = last.at_s - first.at_s
    busy = f"{100 * (last.cpu_s - first.cpu_s) / passed_s:.0f}" if passed_s else "-"
    row(
        f"{first.at_s / 60:.1f}-{last.at_s / 60:.1f}",
        *(f"{np.median([getattr(one, name) for one in samples]):.1f}" for name in MEMORY),
        f"{min(one.fds for one in samples)}-{max(one.fds for one in samples)}",
        f"{min(one.threads for one in samples)}-{max(one.threads for one in samples)}",
        busy,
    )


def _memory(samples: Sequence[Sample]) -> Iterator[str]:
    at_s = [one.at_s for one in samples]
    for name in MEMORY:
        found = trend(at_s, [getattr(one, name) for one in samples])
        print(f"{name}: {found.per_h:+.2f} ± {found.error:.2f} MB an hour")
        if name == "rss_mb" and found.per_h > MAX_MB_PER_H:
            if at_s[-1] - at_s[0] >= JUDGED_S:
                yield f"RSS grows by {found.per_h:.2f} MB an hour, {MAX_MB_PER_H:g} was promised"
            else:
                print("(too short a time to judge that)")


def _count(name: str, samples: Sequence[Sample]) -> Iterator[str]:
    """Compares calm moments only: a camera that is away has no descriptor."""
    calm = [one for one in samples if one.calm]
    values = [getattr(one, name) for one in calm]
    found = trend([one.at_s for one in calm], values)
    more = grown(values)
    print(
        f"{name} in {len(calm)} calm samples: {min(values, default=0)} to "
        f"{max(values, default=0)}, {found.per_h:+.2f} ± {found.error:.2f} an hour; median of the "
        f"last third less that of the first {more:+g}"
    )
    if more >= 1 and len(calm) >= JUDGED_SAMPLES:
        yield f"{name} grow: {more:+g} from the first third to the last"


def _middle_and_most(values: Sequence[float]) -> str:
    return f"{np.median(values):.1f}, {max(values):.1f}" if values else "-"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {n}" for name, n in Counter(counts).most_common() if n) or "-"
