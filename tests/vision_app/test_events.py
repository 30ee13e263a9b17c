"""Every event's real payload fits its schema in docs/schemas, and no event can hold pixels."""

import json
from dataclasses import fields
from datetime import datetime, timezone
from pathlib import Path
from typing import get_args, get_type_hints

import jsonschema
import pytest

from models.prediction import ModelId, Prediction
from vision_app.alerting.alert import Alert, Change, Push
from vision_app.events import (
    AlertEvent,
    AnomalyEvent,
    Event,
    HealthEvent,
    LatencyMs,
    Origin,
    PredictionEvent,
    StatusEvent,
)

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
ORIGIN = Origin("north-wing", "camera-1")
AT = datetime(2026, 1, 31, 12, 0, 0, 250_900, timezone.utc)
MODEL = ModelId("m", "1", "0" * 64, "litert")
PREDICTION = Prediction(("ripe", "green"), (0.75, 0.25), 0.8, MODEL)

ID = "0198c2d4-7b5e-7c1a-9f00-3d2b1a4c5e6f"
PUSH = Push(signal="vent_pct", share=0.8, value=99.0, unit="%", usual=20.5, deviations=7.2)
RAISED = Change(
    number=1, state="raised", at=AT, severity="warning", score=1.5, threshold=1.0,
    signals=(PUSH, Push(signal="heater_pct", share=0.2)), values={"vent_pct": 99.0},
    text="climate is not as usual",
)  # fmt: skip
ALERT = Alert(id=ID, sensor="climate", changes=(RAISED,))
SEEN = ALERT.changed(RAISED.model_copy(update={"number": 2, "state": "acknowledged"})).tied(
    "bed-1", ID
)

EVENTS: list[Event] = [
    PredictionEvent(
        ORIGIN, "entrance", 7, AT, PREDICTION, 2, ("masked",), LatencyMs(41.2, 30.0, 2.5)
    ),
    AnomalyEvent(ORIGIN, ALERT, 1),
    StatusEvent(ORIGIN, "online", AT, "0.1.0"),
    HealthEvent(
        ORIGIN,
        AT,
        3.0,
        "ok",
        (),
        spool={
            "count": 1,
            "bytes": 9,
            "quarantined": 0,
            "oldest_days": 3,
            "let_go": {"max_count": 2, "max_age": 1},
        },
        receipts={"chain": "0a" * 16, "number": 7, "sha256": "0b" * 32, "key": "0c" * 8},
        alerts={"open": 1, "acknowledged": 0, "waiting": 1, "lost": 0},
    ),
    AnomalyEvent(ORIGIN, SEEN, 2, again=True),
    AlertEvent(ORIGIN, "climate", SEEN),
    AlertEvent(ORIGIN, "climate", None),
]


def schema_of(event: Event) -> dict[str, object]:
    name = event.schema.split("/")[1]
    schema: dict[str, object] = json.loads((SCHEMAS / f"{name}.json").read_text())
    return schema


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.schema)
def test_a_payload_fits_its_schema(event: Event) -> None:
    payload = json.loads(json.dumps(event.payload()))
    validator = jsonschema.Draft202012Validator(
        schema_of(event), format_checker=jsonschema.FormatChecker()
    )
    validator.validate(payload)
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(payload | {"pixels": "…"})


def test_topics_are_below_site_and_device() -> None:
    assert [event.topic for event in EVENTS] == [
        "vision/north-wing/camera-1/entrance/prediction",
        "vision/north-wing/camera-1/sensor/climate/anomaly",
        "vision/north-wing/camera-1/status",
        "vision/north-wing/camera-1/health",
        "vision/north-wing/camera-1/sensor/climate/anomaly",
        "vision/north-wing/camera-1/sensor/climate/alert",
        "vision/north-wing/camera-1/sensor/climate/alert",
    ]


def test_an_alert_says_when_it_was_raised_and_seen_and_which_frames_show_it() -> None:
    first, second = EVENTS[1].payload(), EVENTS[4].payload()
    assert (first["state"], first["acknowledged_at"], first["again"]) == ("raised", None, False)
    assert second["acknowledged_at"] == second["raised_at"] == "2026-01-31T12:00:00.250Z"
    assert (second["cleared_at"], second["again"]) == (None, True)
    assert second["frames"] == [{"camera": "bed-1", "id": ID}]
    assert second["signals"][1] == {"signal": "heater_pct", "share": 0.2, "unit": ""}


def test_a_prediction_says_what_was_seen() -> None:
    payload = EVENTS[0].payload()
    assert payload["captured_at"] == "2026-01-31T12:00:00.250Z"
    assert payload["top"] == [{"label": "ripe", "score": 0.75}, {"label": "green", "score": 0.25}]
    assert (payload["label"], payload["confidence"], payload["margin"]) == ("ripe", 0.8, 0.5)
    assert payload["entropy"] == pytest.approx(0.562335)


@pytest.mark.parametrize("kind", get_args(Event), ids=lambda kind: kind.__name__)
def test_no_field_of_an_event_could_hold_pixels(kind: type[Event]) -> None:
    hints = get_type_hints(kind)
    assert not [f.name for f in fields(kind) if "ndarray" in str(hints[f.name]).lower()]
    assert not [f.name for f in fields(kind) if "Frame" in str(hints[f.name])]
