"""A sensor's readings with a real file and a real model, up to who is told of its alerts."""

import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path

import pytest

from devices.sensor_settings import CsvSettings
from models.anomaly.stream import AnomalyModel
from tests.models.anomaly.anomaly_bundles import at, write
from tests.vision_app.alerting.alerts import Ear, desk_of
from uploader.choosing.alerts import Alerts
from vision_app.cameras.capture import State
from vision_app.sensors.sensing import Sensing


def readings(folder: Path) -> Path:
    """A minute as ever, half a minute as never, a minute as ever."""
    rows = ["time,temperature_c,vent_pct"]
    for second in range(150):
        value = 50 if 60 <= second < 90 else 0
        rows.append(f"{at(second).isoformat()},{value},{value}")
    (folder / "climate.csv").write_text("\n".join(rows) + "\n")
    return folder / "climate.csv"


def test_who_chooses_frames_knows_of_an_alert_from_its_raising_to_its_clearing(
    tmp_path: Path,
) -> None:
    model = write(tmp_path / "model")
    settings = CsvSettings(name="climate", source=readings(tmp_path), speed=0, model=str(model))
    alerts, ear = Alerts(("door", "climate")), Ear()
    desk, told = desk_of(tmp_path, {"ear": ear}, alerts=alerts), list[tuple[str, int]]()
    sensing = Sensing(settings, AnomalyModel.open(model), None, desk.judge)
    while sensing.step() is not State.ENDED:
        states = [event.payload()["state"] for event in ear.heard]
        told += [(state, alerts.raised) for state in states[len(told) :]]
    assert [each for each in told if each[0] != "updated"] == [("raised", 0b10), ("cleared", 0b00)]
    assert sensing.view.alerts == 1


def sensing_of(settings: CsvSettings, clock: Callable[[], float] = time.monotonic) -> Sensing:
    return Sensing(settings, None, None, lambda *judged: None, clock)


def test_what_is_wrong_with_signals_is_told_once_and_until_it_is_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("time,t,u\n1,20,1\n2,85,1\n3,86,1\n4,21,1\n")
    signal = [{"name": "t", "max": 60}, {"name": "u"}]
    asked = {"name": "box", "source": path, "speed": 0, "signal": signal}
    sensing = sensing_of(CsvSettings.model_validate(asked))
    told = []
    while sensing.step() is not State.ENDED:
        told.append(list(sensing.view.problems.values()))
    said = "sensor box: signal t is out of range: {}"
    assert told == [[], [], [said.format(85)], [said.format(86)], []]
    assert [record.message for record in caplog.records] == [said.format(85)]
    assert sensing.view.losses == {"out_of_range": 2}


def test_a_sensor_that_says_nothing_is_named_as_silent_until_it_speaks(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, seconds = tmp_path / "a.csv", [0.0]
    path.write_text("time,t\n")
    settings = CsvSettings(name="box", source=path, follow=True, silent_s=30)
    with closing(sensing_of(settings, lambda: seconds[0])) as sensing:
        assert sensing.step() is State.OPENING
        seconds[0] = 29.0
        assert sensing.step() is State.OPENING
        for seconds[0] in (31.0, 45.0):
            assert sensing.step() is State.STALLED
        assert list(sensing.view.problems.values()) == ["sensor box has been silent for 45 s"]
        assert len(caplog.records) == 1
        path.write_text(f"time,t\n{datetime.now(timezone.utc).isoformat()},20\n")
        assert sensing.step() is State.LIVE
        assert not sensing.view.problems
