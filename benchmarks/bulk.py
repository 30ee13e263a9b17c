"""What it costs to keep every reading: written down as it comes, then collected into Parquet.

    python -m benchmarks.bulk [--folder FOLDER] [--signals N] [--hz N] [--seconds N]

--folder: on the disk to be measured; a temporary folder is made in it. Figures are processor time
of this process: the share of one core is what a sensor of so many signals at that rate would take.
The whole path is one value after the other looked at as it comes in, the reading judged by a model
of 1,000 support vectors over windows of ten seconds, written down, and sealed into files.
"""

import argparse
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.anomaly_costs import stream_of
from devices.readings.gate import Gate
from devices.readings.order import Order
from devices.sensor_settings import SignalSettings
from uploader.bulk.bulk import Bulk
from uploader.identity import BatchKind
from uploader.settings import BulkSettings
from vision_app.config import data_folder

START = datetime(2026, 1, 1, tzinfo=timezone.utc)


@dataclass(slots=True)
class Sink:
    """Takes every object, as the spool would."""

    sizes: list[int]

    def put_object(
        self,
        kind: BatchKind,
        body: bytes,
        content_type: str,
        at: datetime,
        metadata: Mapping[str, str] | None = None,
        id: str | None = None,
    ) -> str:
        """Forgets it."""
        self.sizes.append(len(body))
        return ""


def readings(signals: int, hz: int, seconds: int) -> Iterator[tuple[datetime, dict[str, float]]]:
    """Walks of every signal, as 16 bits of a converter tell them."""
    draw = np.random.default_rng(1)
    names = [f"s{i}" for i in range(signals)]
    for second in range(seconds):
        steps = draw.integers(-8, 9, (hz, signals)).cumsum(axis=0)
        for i, row in enumerate((steps * (10 / 32768)).tolist()):
            yield (
                START + timedelta(seconds=second, microseconds=i * 1_000_000 // hz),
                dict(zip(names, row, strict=True)),
            )


def measure(folder: Path, signals: int, hz: int, seconds: int) -> None:
    """Prints what a reading costs to add, and to seal."""
    told, sink = list(readings(signals, hz, seconds)), Sink([])
    bulk = Bulk(folder, sink, BulkSettings(), "bench", "bench")
    took_us = []
    begin_s, wall_s = time.process_time(), time.monotonic()
    for at, values in told:
        before = time.perf_counter_ns()
        bulk.add("machine", at, values)
        took_us.append((time.perf_counter_ns() - before) / 1000)
    added_s, wall_s = time.process_time() - begin_s, time.monotonic() - wall_s
    begin_s = time.process_time()
    bulk._journals.seal(older_than_s=0)
    journal_bytes = sum(path.stat().st_size for path in folder.iterdir())
    bulk.close()
    sealed_s = time.process_time() - begin_s
    assert not bulk.losses, bulk.losses
    rows = len(told)
    low, middle, high = np.percentile(took_us, [10, 50, 99])
    print(f"{signals} signals at {hz} Hz, {rows} readings in {bulk.files} files:")
    print(
        f"  add    {middle:.1f} us (10% {low:.1f}, 99% {high:.1f}), {rows / wall_s:,.0f} a second"
    )
    for name, spent_s in (("add", added_s), ("seal", sealed_s), ("both", added_s + sealed_s)):
        print(f"  {name:6} {spent_s / rows * hz:.2%} of one core, {rows / spent_s:,.0f} a second")
    print(
        f"  {journal_bytes / rows:.0f} bytes in a journal, {sum(sink.sizes) / rows:.0f} in Parquet"
    )


def whole(folder: Path, signals: int, hz: int, seconds: int) -> None:
    """Prints what a reading costs from its arrival to its score and into its file."""
    told = list(readings(signals, hz, seconds))
    stream, names = stream_of(signals, 1000, 10.0)
    gate = Gate([SignalSettings(name=name, min=-1e6, max=1e6) for name in names], Order("ours"))
    bulk, scores = Bulk(folder, Sink([]), BulkSettings(), "bench", "bench"), 0
    begin_s = time.process_time()
    for at, raw in told:
        values = gate.admit(at, raw)
        scores += stream.update(at, values) is not None
        bulk.add("machine", at, values)
    bulk.close()
    share = (time.process_time() - begin_s) / seconds
    print(f"whole path, {signals} signals at {hz} Hz: {share:.2%} of one core, {scores} scores")


def main() -> None:
    """Prints everything."""
    parser = argparse.ArgumentParser(description="Measure how readings are kept.")
    parser.add_argument("--folder", type=Path, default=data_folder())
    parser.add_argument("--signals", type=int, default=32)
    parser.add_argument("--hz", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=60)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    print(f"{os.cpu_count()} cores, in {asked.folder}")
    with TemporaryDirectory(dir=asked.folder) as folder:
        measure(Path(folder) / "bulk", asked.signals, asked.hz, asked.seconds)
        whole(Path(folder) / "whole", asked.signals, asked.hz, asked.seconds)


if __name__ == "__main__":
    main()
