from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from devices.simulated.climate import FAULTS, write_day
from models.anomaly.alarm import Alarm, Change
from models.anomaly.score import score
from models.anomaly.source import Source
from models.anomaly.stream import AnomalyModel
from models.bundles.bundle import BUILT_IN


@pytest.fixture(scope="module")
def model() -> AnomalyModel:
    return AnomalyModel.open("greenhouse-climate")


def alarms(model: AnomalyModel, day: Path) -> list[tuple[datetime, str]]:
    """When an alarm was raised, and the signal it named."""
    alarm, raised = Alarm(after=6, clear_after=30), []
    for scored in score(model, Source(day)):
        anomaly = scored.anomaly
        if anomaly is not None and alarm.judge(anomaly) is Change.RAISED:
            raised.append((scored.at, anomaly.signals[0][0]))
    return raised


def test_it_is_small_and_holds_no_more_than_it_says() -> None:
    files = {p.name: p.stat().st_size for p in (BUILT_IN / "greenhouse-climate").iterdir()}
    assert files.keys() == {"manifest.json", "manifest.sha256", "weights.npz", "README.md"}
    assert sum(files.values()) < 200_000


@pytest.mark.parametrize("seed", [101, 102])
def test_a_normal_day_raises_no_alarm(model: AnomalyModel, tmp_path: Path, seed: int) -> None:
    write_day(tmp_path / "day.csv", seed, faults=False)
    assert alarms(model, tmp_path / "day.csv") == []


def test_planted_faults_raise_alarms_that_name_a_right_signal(
    model: AnomalyModel, tmp_path: Path
) -> None:
    planted = write_day(tmp_path / "day.csv", seed=2, faults=True)
    raised = alarms(model, tmp_path / "day.csv")
    first: dict[str, str] = {}
    for at, signal in raised:
        for span in planted:
            if span.start <= at < span.end:
                first.setdefault(span.fault.name, signal)
    assert first.keys() == {fault.name for fault in FAULTS}
    for fault in FAULTS:
        assert first[fault.name] in fault.signals


def test_outside_the_faults_and_an_hour_after_them_it_is_quiet(
    model: AnomalyModel, tmp_path: Path
) -> None:
    planted = write_day(tmp_path / "day.csv", seed=2, faults=True)
    outside = Counter(
        signal
        for at, signal in alarms(model, tmp_path / "day.csv")
        if not any(span.start <= at < span.end + timedelta(hours=1) for span in planted)
    )
    assert not outside
