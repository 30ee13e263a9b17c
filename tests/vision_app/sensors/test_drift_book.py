"""Drift over restarts, with real files."""

from pathlib import Path

import numpy as np
import pytest

from models.anomaly.bundle import pack, write_bundle
from models.anomaly.one_class_svm import OneClassSvm
from models.anomaly.stream import AnomalyModel
from tests.models.anomaly.anomaly_bundles import at, manifest, standard, write
from vision_app.sensors.drift_book import DAY_S, DriftBook, Wrote
from vision_app.sensors.drift_told import drift_notes, drift_of


class Clock:
    """Steady seconds that a test sets."""

    def __init__(self, now_s: float = 0.0) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


def judged(
    book: DriftBook, model: AnomalyModel, level: float, hours: float, begun_h: float
) -> None:
    """Lets a model judge readings every five seconds, all of that level."""
    stream, drift = model.new_stream(), book.of("box") or book.open("box", model)
    for i in range(round(hours * 720)):
        time = at(begun_h * 3600 + i * 5)
        anomaly = stream.update(time, {"temperature_c": level, "vent_pct": 0.0})
        if anomaly is not None:
            drift.add(book.today, time.timestamp(), anomaly, stream.z)


def model_of(folder: Path, version: str = "1") -> AnomalyModel:
    return AnomalyModel.open(write(folder / f"model-{version}", version, replace=True))


def test_health_tells_of_a_drifted_signal_in_numbers_and_in_a_sentence(tmp_path: Path) -> None:
    book, model = DriftBook(tmp_path / "drift", Clock(DAY_S * 3.5)), model_of(tmp_path)
    judged(book, model, 3.0, 21, 0)
    told = drift_of(book, "box")
    assert told["model"] == "bench 1"
    assert told["today"]["share_above"] == 1.0
    assert told["yesterday"] is None
    assert told["shifts"][0] == {
        "signal": "temperature_c",
        "feature": "mean",
        "deviations": 3.0,
    }
    far, often = drift_notes(book, "box")
    assert far.startswith(
        "sensor box: since yesterday signal temperature_c lies 3.0 training deviations above its "
        "training, so model bench may fit no more; if this is to stay, fit it again"
    )
    assert "100.0% of its moments were above the threshold" in often


def test_a_sensor_without_a_model_has_none(tmp_path: Path) -> None:
    book = DriftBook(tmp_path / "drift", Clock())
    assert drift_of(book, "box") == {} == drift_of(None, "box")
    assert drift_notes(book, "box") == ()


def test_it_survives_a_restart_and_goes_on_the_next_day(tmp_path: Path) -> None:
    clock = Clock(DAY_S * 3.5)
    book, model = DriftBook(tmp_path / "drift", clock), model_of(tmp_path)
    judged(book, model, 3.0, 12, 0)
    before = drift_of(book, "box")
    assert book.step() is Wrote.WRITTEN
    clock.now_s += 0.6 * DAY_S
    again = DriftBook(tmp_path / "drift", clock)
    again.open("box", model)
    told = drift_of(again, "box")
    assert (told["today"], told["yesterday"]) == (None, before["today"])
    assert drift_notes(again, "box") == ()
    judged(again, model, 3.0, 10, 14)
    assert len(drift_notes(again, "box")) == 2


def test_another_model_begins_anew(tmp_path: Path) -> None:
    book = DriftBook(tmp_path / "drift", Clock(DAY_S))
    judged(book, model_of(tmp_path), 3.0, 1, 0)
    book.close()
    assert len(book.open("box", model_of(tmp_path)).days) == 1
    weights = pack(standard(), OneClassSvm(np.ones((1, 4)), np.array([2.0]), gamma=0.5))
    write_bundle(tmp_path / "other", manifest(weights, "1"), weights)
    assert book.open("box", AnomalyModel.open(tmp_path / "other")).days == ()


def test_what_is_damaged_is_said_and_begun_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    book, model = DriftBook(tmp_path / "drift", Clock(DAY_S)), model_of(tmp_path)
    judged(book, model, 3.0, 1, 0)
    book.close()
    file = tmp_path / "drift" / "box.json"
    file.write_bytes(file.read_bytes().replace(b"judged", b"judgex"))
    again = DriftBook(tmp_path / "drift", Clock(DAY_S))
    assert again.open("box", model).days == ()
    assert "drift of sensor box is counted anew" in caplog.text


def test_a_disk_that_refuses_is_a_problem_of_health(tmp_path: Path) -> None:
    (tmp_path / "drift").write_text("a file where the folder should be")
    book = DriftBook(tmp_path / "drift", Clock(DAY_S))
    judged(book, model_of(tmp_path), 3.0, 1, 0)
    assert book.step() is Wrote.FAILED
    assert book.problem.startswith("drift of sensors is counted but not remembered")
