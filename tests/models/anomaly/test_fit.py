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
from models.anomaly.score import COLUMNS, score
from models.anomaly.source import Source
from models.anomaly.stream import AnomalyModel
from models.anomaly.training_rows import MAX_USED, read_training_rows
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
    assert float(cells["score"]) > float(cells["threshold"]) == pytest.approx(report.threshold)
    assert scored[0].cells() == ("2026-01-31T00:00:00.000Z", "", "", "", "", "")


def test_the_report_and_the_manifest_say_how_it_was_made(tmp_path: Path) -> None:
    normal = table(tmp_path / "normal.csv", [*waves(2000), (math.nan, 5.0)])
    report = fit(Source(normal), tmp_path / "Pump 1", FitOptions(units={"b": "bar"}))
    manifest = AnomalyModel.open(tmp_path / "Pump 1").manifest

    assert (report.rows, report.used, report.features) == (2001, 1971, 4)
    assert report.losses == {"not_a_number": 1}
    assert report.false_alarm_rate <= 0.005
    assert (report.window_s, report.gamma, report.nu) == (30.0, 0.25, 0.05)
    assert manifest.name == report.name == "pump-1"
    assert (manifest.signals, manifest.units) == (("a_c", "b"), {"a_c": "°C", "b": "bar"})
    assert manifest.trained_from.file == "normal.csv"
    assert manifest.trained_from.sha256 == hashlib.sha256(normal.read_bytes()).hexdigest()
    assert manifest.trained_from.rows == 2001
    assert (manifest.threshold, manifest.window_s) == (report.threshold, report.window_s)


def test_a_lower_rate_of_false_alarms_gives_a_higher_threshold(tmp_path: Path) -> None:
    normal = Source(table(tmp_path / "normal.csv", waves(2000)))
    rates = (0.2, 0.05, 0.005)
    reports = [fit(normal, tmp_path / str(r), FitOptions(false_alarm_rate=r)) for r in rates]
    thresholds = [report.threshold for report in reports]
    assert thresholds == sorted(set(thresholds))
    for rate, report in zip(rates, reports, strict=True):
        assert rate / 2 <= report.false_alarm_rate <= rate


def test_readings_that_differ_too_much_still_make_a_model_that_can_alarm(tmp_path: Path) -> None:
    jump = [(a + 50 * (i > 800), b) for i, (a, b) in enumerate(waves(1000))]
    report = fit(Source(table(tmp_path / "normal.csv", jump)), tmp_path / "out")
    assert report.threshold == 0.9
    assert report.false_alarm_rate > 0.05


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
    count = 5 * MAX_USED
    path = tmp_path / "long.csv"
    path.write_text("time,a\n" + "".join(f"{i},{i % 7}\n" for i in range(count)))
    rows = read_training_rows(Source(path), 30.0)
    assert (rows.read, len(rows.times_s)) == (count, MAX_USED)
    steps = np.diff(rows.times_s)
    assert rows.times_s[0] < 100
    assert rows.times_s[-1] > count - 100
    assert steps.max() <= 2 * steps.min()


@pytest.mark.parametrize(
    ("every_s", "window_s"), [(0.01, 30.0), (1.0, 30.0), (10.0, 300.0), (300.0, 9000.0)]
)
def test_the_window_fits_the_pace_of_the_readings(
    tmp_path: Path, every_s: float, window_s: float
) -> None:
    path = table(tmp_path / "a.csv", waves(5000), every_s)
    assert read_training_rows(Source(path), None).window_s == window_s


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
    ],
)
def test_options_without_sense_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="above 0"):
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
