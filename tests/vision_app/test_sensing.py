"""A sensor's readings with a real file and a real model, up to who is told of its alerts."""

from pathlib import Path

from devices.sensor_settings import CsvSettings
from models.anomaly.stream import AnomalyModel
from tests.models.anomaly.anomaly_bundles import at, write
from uploader.choosing.alerts import Alerts
from vision_app.capture import State
from vision_app.events import AnomalyEvent, Event, Origin
from vision_app.sensing import Sensing
from vision_app.settings import AlertSettings


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
    alerts, told = Alerts(("door", "climate")), list[tuple[str, int]]()

    def publish(event: Event) -> bool:
        assert isinstance(event, AnomalyEvent)
        told.append((event.state, alerts.raised))
        return True

    sensing = Sensing(
        settings, AnomalyModel.open(model), AlertSettings(), None, publish, Origin("s", "d"), alerts
    )
    while sensing.step() is not State.ENDED:
        pass
    assert told == [("raised", 0b10), ("cleared", 0b00)]
