"""A sensor's model is replaced while it is judged, with real bundles."""

from pathlib import Path

import pytest

from models.anomaly.anomaly import Anomaly
from models.anomaly.in_use import InUse
from models.anomaly.stream import AnomalyModel
from tests.models.anomaly.anomaly_bundles import at, write
from vision_app.sensors.drift_book import DriftBook
from vision_app.sensors.judging import AGAIN_S, LOOK_S, Judging, LiveModel


class Watched:
    """A sensor that is read once a second, by a clock of its own."""

    def __init__(self, tmp_path: Path) -> None:
        self.second = 0
        configured = write(tmp_path / "configured")
        model = AnomalyModel.open(configured)
        self.in_use = InUse.of(tmp_path / "kept", "box", configured, model)
        self.book = DriftBook(tmp_path / "drift", lambda: 0.0)
        live = LiveModel("box", self.in_use, model, self.book, lambda: float(self.second))
        self.judging: Judging = live.new_stream()

    def judged(self, seconds: int) -> list[Anomaly | None]:
        """What is said of the next readings."""
        return [self._next() for _ in range(seconds)]

    def _next(self) -> Anomaly | None:
        self.second += 1
        return self.judging.update(at(self.second), {"temperature_c": 1.0, "vent_pct": 0.0})

    @property
    def version(self) -> str:
        drift = self.book.of("box")
        assert drift is not None
        return drift.manifest.version


def test_the_next_model_takes_over_without_a_gap_once_its_window_is_full(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    assert watched.judged(30)[-1] is not None
    watched.in_use.replace(write(tmp_path / "next", "2"), "better")
    assert all(watched.judged(8))
    assert watched.version == "1"
    assert all(watched.judged(int(LOOK_S) + 4))
    assert watched.version == "2"
    watched.in_use.rollback()
    assert all(watched.judged(20))
    assert watched.version == "1"


def test_a_model_that_cannot_be_opened_is_said_and_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    watched = Watched(tmp_path)
    watched.judged(30)
    where = watched.in_use.replace(write(tmp_path / "next", "2"), "better")
    whole = (where / "weights.npz").read_bytes()
    (where / "weights.npz").write_bytes(b"damaged")
    assert all(watched.judged(30))
    assert watched.version == "1"
    assert caplog.text.count("sensor box is judged by the model before") == 1
    (where / "weights.npz").write_bytes(whole)
    assert all(watched.judged(int(AGAIN_S) + 20))
    assert watched.version == "2"


def test_drift_is_that_of_the_model_that_judges(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    judged = [anomaly for anomaly in watched.judged(30) if anomaly]
    drift = watched.book.of("box")
    assert drift is not None
    assert drift.report(0).week.judged == len(judged)
    watched.in_use.replace(write(tmp_path / "next", "2"), "better")
    watched.judged(40)
    again = watched.book.of("box")
    assert again is not None
    assert 0 < again.report(0).week.judged < 40
