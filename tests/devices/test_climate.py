import csv
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from devices.readings.rows import csv_rows
from devices.simulated.climate import FAULTS, SIGNALS, START, write_day

Columns = dict[str, NDArray[np.float64]]


def columns(path: Path) -> Columns:
    with csv_rows(path) as rows:
        table = [(row.at - START, row.values) for row in rows]
        assert rows.losses == {}
    hours = np.array([age / timedelta(hours=1) for age, _ in table])
    return {"hour": hours} | {s: np.array([values[s] for _, values in table]) for s in SIGNALS}


@pytest.fixture(scope="module")
def normal(tmp_path_factory: pytest.TempPathFactory) -> Columns:
    path = tmp_path_factory.mktemp("climate") / "day.csv"
    assert write_day(path, 1, faults=False, every_s=30) == ()
    return columns(path)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Columns:
    path = tmp_path_factory.mktemp("climate") / "day.csv"
    write_day(path, 1, faults=True, every_s=30)
    return columns(path)


def between(day: Columns, signal: str, start_h: float, end_h: float) -> NDArray[np.float64]:
    return day[signal][(day["hour"] >= start_h) & (day["hour"] < end_h)]


def test_the_same_seed_writes_the_same_file(tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        write_day(tmp_path / name, seed, faults=True, hours=2)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert (tmp_path / "a").read_bytes() != (tmp_path / "c").read_bytes()


def test_a_day_has_a_row_every_few_seconds_and_plausible_numbers(normal: Columns) -> None:
    assert len(normal["hour"]) == 24 * 120
    assert np.allclose(np.diff(normal["hour"]), 30 / 3600)
    assert 5 < normal["temperature_c"].min() < normal["temperature_c"].max() < 35
    assert 200 < normal["co2_ppm"].min() < normal["co2_ppm"].max() < 600
    for signal in ("humidity_pct", "soil_moisture_pct", "vent_pct", "heater_pct"):
        assert 0 <= normal[signal].min() <= normal[signal].max() <= 100


def test_day_and_night_differ_as_they_do_in_a_greenhouse(normal: Columns) -> None:
    noon = {s: between(normal, s, 11, 15).mean() for s in SIGNALS}
    night = {s: between(normal, s, 0, 4).mean() for s in SIGNALS}
    assert noon["temperature_c"] > night["temperature_c"] + 4
    assert noon["co2_ppm"] < night["co2_ppm"] - 50
    assert noon["vent_pct"] > 10 > 5 > night["vent_pct"]
    assert noon["heater_pct"] < 5 < night["heater_pct"]


def test_days_stay_alike_for_weeks(tmp_path: Path) -> None:
    write_day(tmp_path / "weeks.csv", 3, faults=False, hours=24 * 14, every_s=120)
    weeks = columns(tmp_path / "weeks.csv")
    for signal in SIGNALS:
        first, last = between(weeks, signal, 24, 48), between(weeks, signal, 312, 336)
        assert abs(first.mean() - last.mean()) < 3 * first.std() + 1


def test_faults_show_in_the_signals_that_are_named(normal: Columns, faulty: Columns) -> None:
    def change(signal: str, start_h: float, end_h: float) -> float:
        difference = between(faulty, signal, start_h, end_h) - between(
            normal, signal, start_h, end_h
        )
        return float(difference.mean())

    assert change("heater_pct", 3, 5) > 10
    assert change("temperature_c", 3, 5) < -2
    assert change("vent_pct", 11.2, 14) < -10
    assert change("temperature_c", 12, 14) > 2
    assert change("temperature_c", 20.7, 21.5) < -2
    assert change("co2_ppm", 20.7, 21.5) < -20
    assert {s for fault in FAULTS for s in fault.signals} <= set(SIGNALS)


def test_before_the_first_fault_nothing_is_changed(normal: Columns, faulty: Columns) -> None:
    for signal in SIGNALS:
        assert np.array_equal(between(normal, signal, 0, 1), between(faulty, signal, 0, 1))


def test_the_faults_of_every_day_are_told_in_order(tmp_path: Path) -> None:
    planted = write_day(tmp_path / "a.csv", 1, faults=True, hours=36, every_s=600)
    assert [(p.fault.name, (p.start - START) / timedelta(hours=1)) for p in planted] == [
        ("heater_drift", 1.0),
        ("vent_stuck", 11.0),
        ("door_open", 20.5),
        ("heater_drift", 25.0),
        ("vent_stuck", 35.0),
    ]
    assert planted[-1].end == START + timedelta(hours=36)


def test_the_module_writes_a_file_from_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "day.csv"
    asked = ["--out", str(path), "--seed", "1", "--faults", "--hours", "12", "--every-s", "60"]
    done = subprocess.run(
        [sys.executable, "-m", "devices.simulated.climate", *asked],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "heater_drift: 01:00 to 05:00 UTC",
        "vent_stuck: 11:00 to 12:00 UTC",
    ]
    with path.open(newline="") as file:
        assert next(csv.reader(file)) == ["time", *SIGNALS]
