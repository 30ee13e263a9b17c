import subprocess
import sys
from pathlib import Path

import pytest

from models.anomaly.stream import AnomalyModel
from models.errors import ModelError
from tests.models.anomaly.anomaly_bundles import SIGNALS, at, write


@pytest.fixture
def model(tmp_path: Path) -> AnomalyModel:
    """Knows a window of 10 s in which both signals are still at 0."""
    return AnomalyModel.open(write(tmp_path / "bench"))


def test_it_judges_once_the_window_is_full(model: AnomalyModel) -> None:
    stream = model.new_stream(("vent_pct", "temperature_c", "other"))
    judged = [stream.update(at(s), {"temperature_c": 0, "vent_pct": 0}) for s in range(12)]
    assert [anomaly is not None for anomaly in judged] == [False] * 10 + [True] * 2
    assert judged[-1] is not None
    assert judged[-1].score == pytest.approx(-1.0)
    assert not judged[-1].anomalous


def test_the_signal_that_is_off_is_named_first(model: AnomalyModel) -> None:
    stream = model.new_stream()
    for second in range(12):
        anomaly = stream.update(at(second), {"temperature_c": 0.1, "vent_pct": 30})
    assert anomaly is not None
    assert anomaly.anomalous
    assert [name for name, _ in anomaly.signals] == ["vent_pct", "temperature_c"]
    assert anomaly.signals[0][1] > 0.99
    assert sum(share for _, share in anomaly.signals) == pytest.approx(1.0)


def test_a_moment_explains_itself_even_after_later_ones(model: AnomalyModel) -> None:
    stream = model.new_stream()
    closed = [stream.update(at(s), {"temperature_c": 0.1, "vent_pct": 30}) for s in range(12)][-1]
    warm = [stream.update(at(s), {"temperature_c": 30, "vent_pct": 0.1}) for s in range(12, 24)][-1]
    assert closed is not None
    assert warm is not None
    assert (closed.signals[0][0], warm.signals[0][0]) == ("vent_pct", "temperature_c")


def test_a_silent_signal_neither_alarms_nor_is_hidden(model: AnomalyModel) -> None:
    stream = model.new_stream()
    for second in range(12):
        anomaly = stream.update(at(second), {"temperature_c": 0.0})
    assert anomaly is not None
    assert anomaly.score == pytest.approx(-1.0)
    assert anomaly.absent == ("vent_pct",)


def test_a_window_without_any_signal_is_not_judged(model: AnomalyModel) -> None:
    stream = model.new_stream()
    assert [stream.update(at(s), {"other": 1.0}) for s in range(12)] == [None] * 12


def test_streams_of_one_model_do_not_mix(model: AnomalyModel) -> None:
    one, two = model.new_stream(), model.new_stream()
    for second in range(12):
        calm = one.update(at(second), {"temperature_c": 0, "vent_pct": 0})
        wild = two.update(at(second), {"temperature_c": 99, "vent_pct": 99})
    assert calm is not None
    assert wild is not None
    assert (calm.anomalous, wild.anomalous) == (False, True)


def test_a_sensor_that_lacks_a_signal_of_the_model_is_refused(model: AnomalyModel) -> None:
    with pytest.raises(ModelError, match="model bench needs the signals vent_pct, which"):
        model.new_stream(("temperature_c",))


def test_a_model_says_who_it_is(model: AnomalyModel) -> None:
    assert (model.id.name, model.id.version, model.id.backend) == ("bench", "1", "numpy")
    assert model.id.sha256 == model.manifest.weights.sha256
    assert model.signals == SIGNALS


def test_judging_imports_neither_scikit_learn_nor_scipy(tmp_path: Path) -> None:
    code = (
        "import sys; from datetime import datetime, timedelta, timezone\n"
        "from models.anomaly.stream import AnomalyModel\n"
        "import models.anomaly.score, models.anomaly.alarm, models.anomaly.fit\n"
        "stream = AnomalyModel.open(sys.argv[1]).new_stream()\n"
        "start = datetime(2026, 1, 31, tzinfo=timezone.utc)\n"
        "judged = [stream.update(start + timedelta(seconds=s), {'vent_pct': 1.0})"
        " for s in range(12)]\n"
        "assert judged[-1] is not None\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('sklearn', 'scipy')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(write(tmp_path / "b"))],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
