"""Makes the bundled climate model, and the measurements in its README, from a made-up greenhouse.

    python -m models.training.climate --out models/bundles/built_in/greenhouse-climate

Needs scikit-learn (extra "train").
"""

import argparse
import dataclasses
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from devices.simulated.climate import FAULTS, Planted, write_day
from models.anomaly.alarm import Alarm, Change
from models.anomaly.fit import FitOptions, fit
from models.anomaly.score import score
from models.anomaly.source import Source
from models.anomaly.stream import AnomalyModel

SEED = 20260401
DAYS = 28
EVERY_S = 10.0
OPTIONS = FitOptions(window_s=600.0, false_alarm_rate=0.0005, name="greenhouse-climate")
AFTER, CLEAR_AFTER = 6, 30
UNSEEN = range(1, 21)
AFTERMATH = timedelta(hours=1)
"""A house needs this long to recover from a fault; alarms within it are no false ones."""

Raised = tuple[datetime, str]


@dataclass(slots=True)
class Found:
    """Days on which a fault was found, after how many minutes, and which signal was named first."""

    after_min: list[float] = field(default_factory=list)
    named: Counter[str] = field(default_factory=Counter)


def make(out: Path, replace: bool) -> AnomalyModel:
    """Fits the bundle on normal days."""
    with tempfile.TemporaryDirectory() as folder:
        days = Path(folder) / f"{DAYS}-normal-days-seed-{SEED}.csv"
        write_day(days, SEED, faults=False, hours=24 * DAYS, every_s=EVERY_S)
        report = fit(Source(days), out, dataclasses.replace(OPTIONS, replace=replace))
    print(f"{report.support_vectors} support vectors, threshold {report.threshold:.4f}")
    return AnomalyModel.open(out)


def measure(model: AnomalyModel) -> None:
    """Prints false alarms on unseen normal days, and what was found on unseen days with faults."""
    false, found = 0, {fault.name: Found() for fault in FAULTS}
    with tempfile.TemporaryDirectory() as folder:
        day = Path(folder) / "day.csv"
        for seed in UNSEEN:
            write_day(day, seed, faults=False)
            false += len(alarms(model, day))
            planted = write_day(day, seed, faults=True)
            false += _compare(alarms(model, day), planted, found)
    print(f"{false} false alarms on {len(UNSEEN)} normal days and {len(UNSEEN)} with faults")
    for name, what in found.items():
        minutes = sorted(what.after_min)
        median = minutes[len(minutes) // 2] if minutes else float("nan")
        named = ", ".join(f"{signal} {count}" for signal, count in what.named.most_common())
        print(f"{name}: {len(minutes)} of {len(UNSEEN)}, median {median:.0f} min ({named})")


def alarms(model: AnomalyModel, day: Path) -> list[Raised]:
    """When an alarm was raised on a day, and the signal that it named."""
    alarm, raised = Alarm(AFTER, CLEAR_AFTER), []
    for scored in score(model, Source(day)):
        anomaly = scored.anomaly
        if anomaly is not None and alarm.judge(anomaly) is Change.RAISED:
            raised.append((scored.at, anomaly.signals[0][0]))
    return raised


def _compare(raised: list[Raised], planted: tuple[Planted, ...], found: dict[str, Found]) -> int:
    """Notes the first alarm within each fault; returns how many alarms belong to none."""
    for span in planted:
        within = [(at, signal) for at, signal in raised if span.start <= at < span.end]
        if within:
            at, signal = within[0]
            found[span.fault.name].after_min.append((at - span.start).total_seconds() / 60)
            found[span.fault.name].named[signal] += 1
    return sum(
        not any(span.start <= at < span.end + AFTERMATH for span in planted) for at, _ in raised
    )


def main() -> None:
    """Makes the bundle and measures it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, required=True, help="folder of the bundle")
    parser.add_argument("--replace", action="store_true", help="replace a bundle that is there")
    asked = parser.parse_args()
    measure(make(asked.out, asked.replace))


if __name__ == "__main__":
    main()
