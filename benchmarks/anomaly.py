"""How well and how fast sensor readings are judged.

    python -m benchmarks.anomaly [--skab FOLDER]

SKAB (github.com/waico/SKAB, GPL-3.0, not part of this repository): of each experiment the first 400
rows are learnt, all are judged, with one configuration for all files.
"""

import argparse
import csv
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np

from models.anomaly.bundle import AnomalyBundle
from models.anomaly.fit import FitOptions, fit
from models.anomaly.one_class_svm import OneClassSvm
from models.anomaly.score import score
from models.anomaly.source import Source
from models.anomaly.standard import Standard
from models.anomaly.stream import AnomalyModel

SKAB = Path(__file__).parents[2] / "shared" / "data" / "sensors" / "skab"
LEARNT_ROWS = 400
LABELS = ("anomaly", "changepoint")
RATES = (0.005, 0.02, 0.05, 0.1)


@dataclass(slots=True)
class Tally:
    """Rows by what was said and what is true."""

    hits: int = 0
    false: int = 0
    missed: int = 0
    quiet: int = 0

    def add(self, alarms: Iterable[bool], labels: Iterable[bool]) -> None:
        """Counts the rows of a file."""
        for alarm, label in zip(alarms, labels, strict=True):
            self.hits += alarm and label
            self.false += alarm and not label
            self.missed += label and not alarm
            self.quiet += not alarm and not label

    def __str__(self) -> str:
        f1 = 2 * self.hits / (2 * self.hits + self.false + self.missed)
        false_rate = self.false / (self.false + self.quiet)
        missed_rate = self.missed / (self.missed + self.hits)
        return f"F1 {f1:.3f}, false alarms {false_rate:.1%}, missed {missed_rate:.1%}"


def skab(folder: Path) -> None:
    """Prints F1, false alarms and missed rows over all labelled files, for several targets."""
    files = sorted(path for path in folder.rglob("*.csv") if path.name != "anomaly-free.csv")
    if not files:
        print(f"SKAB: no files in {folder}, skipped")
        return
    for rate in RATES:
        tally = Tally()
        for path in files:
            tally.add(*judged(path, rate))
        default = " (the default)" if rate == FitOptions().false_alarm_rate else ""
        print(f"SKAB, {len(files)} files, false alarms wanted {rate:.1%}{default}: {tally}")


def judged(path: Path, rate: float) -> tuple[list[bool], list[bool]]:
    """What was said of each row of a SKAB file, and its label."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    signals = tuple(name for name in rows[0] if name not in (*LABELS, "datetime"))
    with tempfile.TemporaryDirectory() as out:
        bundle = Path(out) / "bundle"
        learnt = Source(path, "datetime", ";", signals, first_rows=LEARNT_ROWS)
        fit(learnt, bundle, FitOptions(false_alarm_rate=rate))
        scored = score(AnomalyModel.open(bundle), Source(path, "datetime", ";"))
        alarms = [s.anomaly is not None and s.anomaly.anomalous for s in scored]
    return alarms, [row["anomaly"] == "1.0" for row in rows]


def speed(signals: int, vectors: int, count: int = 5000) -> None:
    """Prints how long one reading takes from arrival to score."""
    stream = AnomalyModel(_random_bundle(signals, vectors)).new_stream()
    random, start = np.random.default_rng(1), datetime(2026, 1, 1, tzinfo=timezone.utc)
    names = tuple(f"s{i}" for i in range(signals))
    took_us = []
    for i in range(count):
        values = dict(zip(names, random.normal(size=signals).tolist(), strict=True))
        begin_ns = time.perf_counter_ns()
        stream.update(start + timedelta(seconds=i), values)
        took_us.append((time.perf_counter_ns() - begin_ns) / 1000)
    took_us = took_us[100:]
    p99 = float(np.percentile(took_us, 99))
    print(
        f"reading to score, {2 * signals} features, {vectors} support vectors: "
        f"median {statistics.median(took_us):.0f} us, p99 {p99:.0f} us"
    )


def _random_bundle(signals: int, vectors: int) -> AnomalyBundle:
    random, features = np.random.default_rng(0), 2 * signals
    names = tuple(f"s{i}" for i in range(signals))
    known = AnomalyModel.open("greenhouse-climate").manifest
    return AnomalyBundle(
        known.model_copy(update={"signals": names, "window_s": 60.0}),
        Standard(np.zeros(features), np.ones(features), np.ones(signals)),
        OneClassSvm(
            random.normal(size=(vectors, features)), np.full(vectors, 1 / vectors), 1 / features
        ),
    )


def start() -> None:
    """Prints what opening a model costs a fresh process."""
    code = (
        "import time; begin = time.perf_counter()\n"
        "from models.anomaly.stream import AnomalyModel\n"
        "imported = time.perf_counter()\n"
        "AnomalyModel.open('greenhouse-climate').new_stream()\n"
        "print(f'import {(imported - begin) * 1000:.0f} ms, '\n"
        "      f'open {(time.perf_counter() - imported) * 1000:.0f} ms')"
    )
    said = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(3)
    ]
    print(f"start: {said[-1].stdout.strip()}")


def main() -> None:
    """Prints everything."""
    parser = argparse.ArgumentParser(description="Measure anomaly detection.")
    parser.add_argument("--skab", type=Path, default=SKAB, help="folder of SKAB files")
    asked = parser.parse_args()
    print(f"{os.cpu_count()} cores, numpy {np.__version__}")
    start()
    for signals, vectors in ((6, 533), (16, 1000), (32, 1000)):
        speed(signals, vectors)
    skab(asked.skab)


if __name__ == "__main__":
    main()
