"""How well sensor readings are judged, and what that costs.

    python -m benchmarks.anomaly [--skab FOLDER] [--nab FOLDER] [--million]

SKAB (github.com/waico/SKAB, GPL-3.0) and NAB (github.com/numenta/NAB, AGPL-3.0) are not part of
this repository. Of each SKAB experiment the first 400 rows are learnt and all are judged, with the
defaults for all files. Of NAB's machine temperature the first 15% are learnt; a labelled window
lies in them, so 5% of them are left out.
"""

import argparse
import csv
import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

from benchmarks import anomaly_costs
from models.anomaly.alarm import Alarm
from models.anomaly.fit import FitOptions, fit
from models.anomaly.score import Scored, score
from models.anomaly.source import Source
from models.anomaly.stream import AnomalyModel

SENSORS = Path(__file__).parents[2] / "shared" / "data" / "sensors"
LEARNT_ROWS = 400
LABELS = ("anomaly", "changepoint")
TEMPERATURE = "machine_temperature_system_failure"
WEEK_S = 7 * 86400

Span = tuple[datetime, datetime]


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
    """Prints F1, false alarms and missed rows over all labelled files, and over each half."""
    files = sorted(path for path in folder.rglob("*.csv") if path.name != "anomaly-free.csv")
    if not files:
        print(f"SKAB: no files in {folder}, skipped")
        return
    judged = [_judged_skab(path) for path in files]
    for name, part in (("", judged), (" even", judged[::2]), (" odd", judged[1::2])):
        states, readings = Tally(), Tally()
        for scored, labels in part:
            states.add(alarm_states(scored), labels)
            readings.add((s.anomaly is not None and s.anomaly.anomalous for s in scored), labels)
        print(f"SKAB, {len(part)}{name} files: {states} (single readings: {readings})")


def _judged_skab(path: Path) -> tuple[list[Scored], list[bool]]:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    signals = tuple(name for name in rows[0] if name not in (*LABELS, "datetime"))
    learnt = Source(path, "datetime", ";", signals, first_rows=LEARNT_ROWS)
    return judged(learnt, FitOptions()), [row["anomaly"] == "1.0" for row in rows]


def judged(learnt: Source, options: FitOptions) -> list[Scored]:
    """All rows of the file, by what its first rows teach."""
    with tempfile.TemporaryDirectory() as out:
        fit(learnt, Path(out) / "bundle", options)
        whole = Source(learnt.path, learnt.time_column, learnt.separator)
        return list(score(AnomalyModel.open(Path(out) / "bundle"), whole))


def alarm_states(scored: list[Scored]) -> list[bool]:
    """Whether an alarm stands at each row."""
    alarm, states = Alarm(), []
    for row in scored:
        if row.anomaly is not None:
            alarm.judge(row.anomaly)
        states.append(alarm.raised)
    return states


def nab(folder: Path) -> None:
    """Prints which labelled windows were hit, and how many alerts lie outside of them."""
    path = folder / f"{TEMPERATURE}.csv"
    if not path.exists():
        print(f"NAB: no {path}, skipped")
        return
    rows = len(path.read_text().splitlines()) - 1
    learnt = Source(path, "timestamp", first_rows=int(0.15 * rows))
    scored = judged(learnt, FitOptions(left_out=0.05))
    windows = [
        _span(*pair) for pair in json.loads((folder / "windows.json").read_text())[TEMPERATURE]
    ]
    alerts = _alerts(scored)
    hit = sum(any(_meet(alert, window) for alert in alerts) for window in windows)
    false = sum(not any(_meet(alert, window) for window in windows) for alert in alerts)
    weeks = (scored[-1].at - scored[0].at).total_seconds() / WEEK_S
    print(
        f"NAB machine temperature: {hit} of {len(windows)} windows hit, "
        f"{false} false alerts in {weeks:.1f} weeks ({false / weeks:.2f} per week)"
    )


def _span(start: str, end: str) -> Span:
    first, last = (datetime.fromisoformat(t).replace(tzinfo=timezone.utc) for t in (start, end))
    return first, last


def _alerts(scored: list[Scored]) -> list[Span]:
    """From when to when alarms stood."""
    states = np.array([False, *alarm_states(scored), False])
    edges = np.flatnonzero(np.diff(states.astype(int)))
    return [(scored[a].at, scored[b - 1].at) for a, b in edges.reshape(-1, 2).tolist()]


def _meet(one: Span, other: Span) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def main() -> None:
    """Prints everything."""
    parser = argparse.ArgumentParser(description="Measure anomaly detection.")
    parser.add_argument("--skab", type=Path, default=SENSORS / "skab", help="folder of SKAB files")
    parser.add_argument("--nab", type=Path, default=SENSORS / "nab", help="folder of NAB's files")
    parser.add_argument("--million", action="store_true", help="fit a million rows, too")
    asked = parser.parse_args()
    print(f"{os.cpu_count()} cores, numpy {np.__version__}")
    anomaly_costs.main(asked.million)
    skab(asked.skab)
    nab(asked.nab)


if __name__ == "__main__":
    main()
