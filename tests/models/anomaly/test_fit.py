import csv
import hashlib
import math
import subprocess
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

from devices.errors import DeviceUnavailable
from models.anomaly.fit import FitOptions, fit
from models.anomaly.held_out import BASIS_WINDOWS, MAX_THRESHOLD
from models.anomaly.score import COLUMNS, score
from models.anomaly.source import Source
from models.anomaly.stream import AnomalyModel
from models.anomaly.training_rows import read_training_rows
from models.anomaly.units import units
from models.errors import BundleError, ModelError
from tests.models.places import data
from tests.parts import need

START = datetime(2026, 1, 31, tzinfo=timezone.utc)


@pytest.fixture(autouse=True)
def _scikit_learn() -> None:
    try:
        import sklearn
    except ImportError:
        sklearn = None
    need("scikit-learn (pip install scikit-learn)", sklearn)


def table(path: Path, rows: Iterable[tuple[float, ...]], every_s: float = 1.0) -> Path:
    """Signals a_c and b."""
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(("time", "a_c", "b"))
        for i, row in enumerate(rows):
            out.writerow(((START + timedelta(seconds=i * every_s)).isoformat(), *row))
    return path


def waves(count: int, seed: int = 0) -> list[tuple[float, float]]:
    noise = np.random.default_rng(seed).normal(0, 0.1, (count, 2)).tolist()
    return [(20 + math.sin(i / 50) + a, 5 + b) for i, (a, b) in enumerate(noise)]


def test_what_was_learnt_tells_normal_from_strange(tmp_path: Path) -> None:
    normal = table(tmp_path / "normal.csv", waves(3000))
    report = fit(Source(normal), tmp_path / "Pump 1", FitOptions(false_alarm_rate=0.01))
    strange = waves(1000, seed=1)
    strange[500:600] = [(a, b + 3) for a, b in strange[500:600]]
    today = table(tmp_path / "today.csv", strange)

    scored = list(score(AnomalyModel.open(tmp_path / "Pump 1"), Source(today)))
    anomalous = [s.anomaly is not None and s.anomaly.anomalous for s in scored]
    assert len(scored) == 1000
    assert sum(anomalous[:500]) <= 25
    assert all(anomalous[510:600])
    cells = dict(zip(COLUMNS, scored[550].cells(), strict=True))
    assert (cells["time"], cells["anomalous"]) == ("2026-01-31T00:09:10.000Z", "1")
    assert cells["signal"] == "b"
    assert (
        float(cells["score"])
        > float(cells["threshold"])
        == pytest.approx(report.threshold, abs=1e-6)
    )
    assert scored[0].cells() == ("2026-01-31T00:00:00.000Z", "", "", "", "", "")


def test_the_report_and_the_manifest_say_how_it_was_made(tmp_path: Path) -> None:
    normal = table(tmp_path / "normal.csv", [*waves(2000), (math.nan, 5.0)])
    report = fit(Source(normal), tmp_path / "Pump 1", FitOptions(window_s=30.0, units={"b": "bar"}))
    manifest = AnomalyModel.open(tmp_path / "Pump 1").manifest

    assert (report.rows, report.used, report.features) == (2001, 2001 - 30, 4)
    assert report.losses == {"not_a_number": 1}
    low, high = report.false_alarm_interval
    assert 0 <= low <= report.false_alarm_rate <= high < 0.2
    assert report.clear < report.threshold
    assert (manifest.clear, manifest.false_alarm_interval) == (report.clear, (low, high))
    assert (report.window_s, report.gamma, report.nu) == (30.0, 0.25, 0.05)
    assert manifest.name == report.name == "pump-1"
    assert (manifest.signals, manifest.units) == (("a_c", "b"), {"a_c": "°C", "b": "bar"})
    assert manifest.trained_from.file == "normal.csv"
    assert manifest.trained_from.sha256 == hashlib.sha256(normal.read_bytes()).hexdigest()
    assert manifest.trained_from.rows == 2001
    assert (manifest.threshold, manifest.window_s) == (report.threshold, report.window_s)


def test_a_lower_rate_of_false_alarms_gives_a_higher_threshold(tmp_path: Path) -> None:
    normal = Source(table(tmp_path / "normal.csv", waves(4000)))
    rates = (0.06, 0.03, 0.01)
    options = [FitOptions(window_s=12.0, false_alarm_rate=rate) for rate in rates]
    reports = [fit(normal, tmp_path / str(i), o) for i, o in enumerate(options)]
    thresholds = [report.threshold for report in reports]
    assert thresholds == sorted(set(thresholds))
    for rate, report in zip(rates, reports, strict=True):
        assert report.false_alarm_rate == pytest.approx(rate, abs=0.01)


def test_readings_that_differ_too_much_still_make_a_model_that_can_alarm(tmp_path: Path) -> None:
    jump = [(a + 50 * (i > 800), b + 50 * (i > 800)) for i, (a, b) in enumerate(waves(1000))]
    normal = Source(table(tmp_path / "normal.csv", jump))
    report = fit(normal, tmp_path / "out", FitOptions(window_s=30.0))
    assert report.threshold == MAX_THRESHOLD
    assert report.false_alarm_rate > 0.05


def test_few_windows_are_not_asked_for_a_rate_that_they_cannot_tell(tmp_path: Path) -> None:
    normal = Source(table(tmp_path / "normal.csv", waves(630)))
    report = fit(normal, tmp_path / "out", FitOptions(window_s=30.0, false_alarm_rate=0.001))
    assert report.false_alarm_rate == pytest.approx(BASIS_WINDOWS / 20, rel=0.1)


def test_faults_among_normal_readings_are_found_once_they_are_left_out(tmp_path: Path) -> None:
    faulty = [(a, b + 5 * (900 <= i < 960)) for i, (a, b) in enumerate(waves(2000))]
    source = Source(table(tmp_path / "a.csv", faulty))
    found = {}
    for share in (0.0, 0.06):
        options = FitOptions(window_s=30.0, nu=0.1, left_out=share)
        fit(source, tmp_path / str(share), options)
        model = AnomalyModel.open(tmp_path / str(share))
        judged = [one.anomaly for one in score(model, source)][930:960]
        found[share] = sum(anomaly is not None and anomaly.anomalous for anomaly in judged)
    assert found[0.0] < 5
    assert found[0.06] == 30


def test_a_level_that_wanders_is_not_judged_but_its_noise_is(tmp_path: Path) -> None:
    walk = np.cumsum(np.random.default_rng(3).normal(0, 0.05, 3000))
    rows = [(a + w, b) for (a, b), w in zip(waves(3000), walk.tolist(), strict=True)]
    report = fit(Source(table(tmp_path / "a.csv", rows)), tmp_path / "out")
    assert report.wandering == ("a_c",)
    assert report.features == 3
    assert AnomalyModel.open(tmp_path / "out").manifest.wandering == ("a_c",)


def test_the_same_file_gives_the_same_numbers(tmp_path: Path) -> None:
    normal = Source(table(tmp_path / "normal.csv", waves(400)))
    for name in ("a", "b"):
        fit(normal, tmp_path / name)
    one, two = ((tmp_path / name / "weights.npz").read_bytes() for name in ("a", "b"))
    assert one == two


def test_only_the_columns_and_rows_that_are_asked_for_are_learnt(tmp_path: Path) -> None:
    normal = table(tmp_path / "normal.csv", waves(1000))
    report = fit(Source(normal, signals=("b",), first_rows=300), tmp_path / "out")
    assert (report.rows, report.signals) == (300, ("b",))


def test_a_long_file_is_thinned_evenly(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("time,a\n" + "".join(f"{i},{i % 7}\n" for i in range(20_000)))
    rows = read_training_rows(Source(path), 30.0, max_rows=4000)
    assert rows.read == 20_000
    assert set(np.diff(rows.times_s)) == {5.0}
    assert len(rows.times_s) == 20_000 // 5 - 6


@pytest.mark.parametrize("every_s", [0.01, 1.0, 300.0])
def test_the_window_is_twelve_readings_of_signals_that_forget_at_once(
    tmp_path: Path, every_s: float
) -> None:
    noise = np.random.default_rng(0).normal(size=(2000, 2)).tolist()
    path = table(tmp_path / "a.csv", [(a, b) for a, b in noise], every_s)
    assert read_training_rows(Source(path), None).window_s == pytest.approx(12 * every_s)


def test_the_window_is_longer_where_signals_remember_longer(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(size=(9000, 2))
    slow = np.apply_along_axis(np.convolve, 0, noise, np.ones(400) / 20, "valid")
    path = table(tmp_path / "a.csv", [(a, b) for a, b in slow.tolist()])
    assert 25 < read_training_rows(Source(path), None).window_s < 100


def test_fast_signals_are_split_into_bands(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", waves(3000), every_s=0.01)
    assert read_training_rows(Source(path), 1.0).names == ("mean", "log_deviation")
    names = read_training_rows(Source(path), 3.0).names
    assert names == ("mean", "log_deviation", "log_fast", "log_medium", "log_slow")


def test_a_window_that_is_too_short_is_refused(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", waves(200), every_s=300)
    with pytest.raises(ModelError, match="come every 300 s: a window of 60 s holds too few"):
        fit(Source(path), tmp_path / "out", FitOptions(window_s=60))


@pytest.mark.parametrize(("count", "sentence"), [(1, "holds 0 readings"), (60, "record normal")])
def test_too_few_readings_are_refused(tmp_path: Path, count: int, sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence):
        fit(Source(table(tmp_path / "a.csv", waves(count))), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_too_little_time_is_refused(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", waves(300))
    with pytest.raises(ModelError, match="cover too little time for a window of 200 s"):
        fit(Source(path), tmp_path / "out", FitOptions(window_s=200))


def test_a_signal_without_numbers_is_named(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", [(a, math.nan) for a, _ in waves(200)])
    with pytest.raises(ModelError, match="too few numbers under b: leave"):
        fit(Source(path), tmp_path / "out")


def test_a_file_without_a_column_of_the_model_is_refused(tmp_path: Path) -> None:
    fit(Source(table(tmp_path / "normal.csv", waves(300))), tmp_path / "out")
    (tmp_path / "today.csv").write_text("time,a_c\n1,2\n")
    with pytest.raises(DeviceUnavailable, match="no column 'b'"):
        list(score(AnomalyModel.open(tmp_path / "out"), Source(tmp_path / "today.csv")))


def test_nothing_is_read_when_the_bundle_exists(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(BundleError, match="exists already"):
        fit(Source(tmp_path / "no such file"), tmp_path / "out")


def test_without_scikit_learn_it_says_what_to_install(tmp_path: Path) -> None:
    path = table(tmp_path / "normal.csv", waves(300))
    code = (
        "import sys; sys.modules['sklearn'] = None\n"
        "from pathlib import Path; from models.errors import ModelError\n"
        "from models.anomaly.fit import fit; from models.anomaly.source import Source\n"
        "try:\n    fit(Source(Path(sys.argv[1])), Path(sys.argv[2]))\n"
        "except ModelError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path), str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "fitting needs scikit-learn: pip install 'vision-app[train]'"


@pytest.mark.parametrize(
    "options",
    [
        {"nu": 0.0},
        {"nu": 1.1},
        {"false_alarm_rate": 0.0},
        {"false_alarm_rate": 1.0},
        {"window_s": 0.0},
        {"gamma": -1.0},
        {"left_out": -0.1},
    ],
)
def test_options_without_sense_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"above 0|below one half"):
        FitOptions(**options)  # type: ignore[arg-type]


def test_units_are_read_off_the_names() -> None:
    named = ("temperature_c", "co2_ppm", "vent_pct", "Voltage", "zone_a", "c", "_c")
    assert units(named) == {"temperature_c": "°C", "co2_ppm": "ppm", "vent_pct": "%", "_c": "°C"}


def test_a_real_pump_is_learnt_from_its_first_rows(tmp_path: Path) -> None:
    path = data("sensors/skab/valve1/1.csv")
    with path.open() as file:
        labels = [row["anomaly"] == "1.0" for row in csv.DictReader(file, delimiter=";")]
        signals = tuple(next(csv.reader([path.read_text().splitlines()[0]], delimiter=";"))[1:-2])
    source = Source(path, "datetime", ";", signals, first_rows=400)
    fit(source, tmp_path / "out", FitOptions(false_alarm_rate=0.05))

    whole = Source(path, "datetime", ";")
    scored = list(score(AnomalyModel.open(tmp_path / "out"), whole))
    alarms = [s.anomaly is not None and s.anomaly.anomalous for s in scored]
    assert len(alarms) == len(labels)
    hits = sum(alarm and label for alarm, label in zip(alarms, labels, strict=True))
    f1 = 2 * hits / (sum(alarms) + sum(labels))
    assert f1 > 0.7
