import json
from pathlib import Path

import pytest

from tests.vision_app.test_events import AT, EVENTS, ORIGIN, PREDICTION
from vision_app.errors import AppError
from vision_app.events import LatencyMs, PredictionEvent
from vision_app.publish import open_publishers, tell
from vision_app.publishers.jsonl import JsonLinesPublisher
from vision_app.publishers.mqtt import MqttPublisher
from vision_app.publishers.terminal import TerminalPublisher
from vision_app.settings import JsonLinesSettings, MqttSettings, PublishSettings


def test_every_event_is_one_line_of_json(tmp_path: Path) -> None:
    publisher = JsonLinesPublisher(JsonLinesSettings(path=tmp_path / "new" / "e.jsonl"), ORIGIN)
    assert all(publisher.publish(event) for event in EVENTS)
    lines = [json.loads(line) for line in (tmp_path / "new" / "e.jsonl").read_text().splitlines()]
    assert [line["schema"] for line in lines] == [event.schema for event in EVENTS]
    assert lines[0]["topic"] == EVENTS[0].topic
    assert publisher.counts == {"sent": len(EVENTS), "refused": 0}


def test_the_file_of_events_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl"
    publisher = JsonLinesPublisher(JsonLinesSettings(path=path, max_bytes=1 << 16), ORIGIN)
    for _ in range(400):
        publisher.publish(EVENTS[0])
    assert path.stat().st_size <= 1 << 16
    assert Path(f"{path}.1").stat().st_size <= 1 << 16
    assert sorted(tmp_path.iterdir()) == [path, Path(f"{path}.1")]


def test_a_disk_that_refuses_is_named_and_counted(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    publisher = JsonLinesPublisher(JsonLinesSettings(path=tmp_path / "file" / "e.jsonl"), ORIGIN)
    assert not publisher.publish(EVENTS[0])
    assert "cannot write events" in publisher.problem
    assert publisher.counts == {"sent": 0, "refused": 1}


def prediction(faces: int, kept: tuple[str, ...] = ()) -> PredictionEvent:
    return PredictionEvent(ORIGIN, "cam", 1, AT, PREDICTION, faces, kept, LatencyMs(1, 1, 1))


def test_the_terminal_is_calm(capsys: pytest.CaptureFixture[str]) -> None:
    publisher = TerminalPublisher(True, ORIGIN)
    for event in [prediction(0), prediction(0), prediction(1, ("masked",)), prediction(0)]:
        publisher.publish(event)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert "1 face masked" in lines[1]
    assert "kept: masked" in lines[1]


def test_an_event_counts_as_told_when_anybody_took_it(tmp_path: Path) -> None:
    settings = PublishSettings(jsonl=JsonLinesSettings(path=tmp_path / "e.jsonl"), terminal=True)
    publishers = open_publishers(settings, ORIGIN)
    assert list(publishers) == ["jsonl", "terminal"]
    assert tell(publishers.values(), EVENTS[2])
    assert not tell([], EVENTS[2])


def test_a_missing_password_or_certificate_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="password"):
        MqttPublisher(
            MqttSettings(host="h", username="u", password_file=tmp_path / "absent"), ORIGIN
        )
    with pytest.raises(AppError, match="certificate"):
        MqttPublisher(MqttSettings(host="h", ca=tmp_path / "absent"), ORIGIN)
