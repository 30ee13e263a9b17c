"""What is told to the world: numbers and words, never pixels. Schemas: docs/schemas/."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal

from models.prediction import ModelId, Prediction
from uploader.record import rfc3339
from vision_app.alerting.alert import Alert, Change

TOP = 5
HealthState = Literal["ok", "degraded", "failing"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose event it is."""

    site: str
    device: str

    @property
    def topic(self) -> str:
        """The topic below which all of this device's topics lie."""
        return f"vision/{self.site}/{self.device}"

    def payload(self, schema: str) -> dict[str, Any]:
        """The fields with which every payload begins."""
        return {"schema": schema, "site": self.site, "device": self.device}


@dataclass(frozen=True, slots=True)
class LatencyMs:
    """Milliseconds from capture to publishing, and what masking and classifying took of them."""

    capture_to_publish: float
    mask: float
    classify: float


@dataclass(frozen=True, slots=True)
class PredictionEvent:
    """What was seen in one frame."""

    schema: ClassVar[str] = "vision-app/prediction/1"
    retain: ClassVar[bool] = False
    qos: ClassVar[int] = 1

    origin: Origin
    camera: str
    seq: int
    captured_at: datetime
    prediction: Prediction
    faces: int
    kept: tuple[str, ...]
    latency_ms: LatencyMs

    @property
    def topic(self) -> str:
        """MQTT topic."""
        return f"{self.origin.topic}/{self.camera}/prediction"

    def payload(self) -> dict[str, Any]:
        """The JSON object that is sent."""
        opinion = self.prediction
        return self.origin.payload(self.schema) | {
            "camera": self.camera,
            "seq": self.seq,
            "captured_at": rfc3339(self.captured_at),
            "label": opinion.label,
            "confidence": round(opinion.confidence, 6),
            "margin": round(opinion.margin, 6),
            "entropy": round(opinion.entropy, 6),
            "top": [{"label": name, "score": round(s, 6)} for name, s in opinion.top(TOP)],
            "model": _model(opinion.model),
            "faces": self.faces,
            "kept": list(self.kept),
            "latency_ms": {
                "capture_to_publish": round(self.latency_ms.capture_to_publish, 2),
                "mask": round(self.latency_ms.mask, 2),
                "classify": round(self.latency_ms.classify, 2),
            },
        }


@dataclass(frozen=True, slots=True)
class AnomalyEvent:
    """What happened to an alert of a sensor: raised, updated, acknowledged or cleared.

    number: of the change. again: it may have been told before.
    """

    schema: ClassVar[str] = "vision-app/anomaly/1"
    retain: ClassVar[bool] = False
    qos: ClassVar[int] = 1

    origin: Origin
    alert: Alert
    number: int
    again: bool = False

    @property
    def topic(self) -> str:
        """MQTT topic."""
        return f"{self.origin.topic}/sensor/{self.alert.sensor}/anomaly"

    @property
    def change(self) -> Change:
        """What happened."""
        return self.alert.changes[self.number - 1]

    def payload(self) -> dict[str, Any]:
        """The JSON object that is sent."""
        change = self.change
        return self.origin.payload(self.schema) | {
            "sensor": self.alert.sensor,
            "state": change.state,
            "at": rfc3339(change.at),
            "score": change.score,
            "threshold": change.threshold,
            "signals": [push.model_dump(exclude_none=True) for push in change.signals],
            "values": dict(change.values),
            "alert": self.alert.id,
            "number": self.number,
            "severity": change.severity,
            "text": change.text,
            "again": self.again,
            **_times(self.alert, self.number),
            "frames": [frame.model_dump() for frame in self.alert.frames],
        }


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """How the newest alert of a sensor stands; kept by the broker for whoever comes later."""

    schema: ClassVar[str] = "vision-app/alert/1"
    retain: ClassVar[bool] = True
    qos: ClassVar[int] = 1

    origin: Origin
    sensor: str
    alert: Alert | None

    @property
    def topic(self) -> str:
        """MQTT topic."""
        return f"{self.origin.topic}/sensor/{self.sensor}/alert"

    def payload(self) -> dict[str, Any]:
        """The JSON object that is sent."""
        said = self.origin.payload(self.schema) | {"sensor": self.sensor}
        if self.alert is None:
            return said | {"state": "none"}
        change = self.alert.newest
        return said | {
            "state": change.state,
            "alert": self.alert.id,
            "number": change.number,
            "severity": change.severity,
            "text": self.alert.changes[0].text if self.alert.open else change.text,
            **_times(self.alert, change.number),
            "frames": [frame.model_dump() for frame in self.alert.frames],
        }


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """Whether the device is there; kept by the broker, and its last will when it vanishes."""

    schema: ClassVar[str] = "vision-app/status/1"
    retain: ClassVar[bool] = True
    qos: ClassVar[int] = 1

    origin: Origin
    state: Literal["online", "offline", "lost"]
    at: datetime
    version: str

    @property
    def topic(self) -> str:
        """MQTT topic."""
        return f"{self.origin.topic}/status"

    def payload(self) -> dict[str, Any]:
        """The JSON object that is sent; for a last will, `at` is when the device connected."""
        return self.origin.payload(self.schema) | {
            "state": self.state,
            "at": rfc3339(self.at),
            "version": self.version,
        }


@dataclass(frozen=True, slots=True)
class HealthEvent:
    """How the device is: the drop ledger and everything else that is counted."""

    schema: ClassVar[str] = "vision-app/health/1"
    retain: ClassVar[bool] = False
    qos: ClassVar[int] = 0

    origin: Origin
    at: datetime
    uptime_s: float
    state: HealthState
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()
    cameras: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sensors: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    alerts: Mapping[str, Any] = field(default_factory=dict)
    bulk: Mapping[str, Any] = field(default_factory=dict)
    budgets: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    spool: Mapping[str, Any] = field(default_factory=dict)
    receipts: Mapping[str, Any] = field(default_factory=dict)
    uploads: Mapping[str, Any] = field(default_factory=dict)
    publishers: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def topic(self) -> str:
        """MQTT topic."""
        return f"{self.origin.topic}/health"

    def payload(self) -> dict[str, Any]:
        """The JSON object that is sent."""
        return self.origin.payload(self.schema) | {
            "at": rfc3339(self.at),
            "uptime_s": round(self.uptime_s, 1),
            "state": self.state,
            "problems": list(self.problems),
            "notes": list(self.notes),
            "cameras": {name: dict(camera) for name, camera in self.cameras.items()},
            "sensors": {name: dict(sensor) for name, sensor in self.sensors.items()},
            "alerts": dict(self.alerts),
            "bulk": dict(self.bulk),
            "budgets": {name: dict(use) for name, use in self.budgets.items()},
            "spool": dict(self.spool),
            "receipts": dict(self.receipts),
            "uploads": dict(self.uploads),
            "publishers": {name: dict(counts) for name, counts in self.publishers.items()},
        }


Event = PredictionEvent | AnomalyEvent | AlertEvent | StatusEvent | HealthEvent


def _times(alert: Alert, number: int) -> dict[str, str | None]:
    """When it was raised, acknowledged and cleared, as known after so many changes."""
    acknowledged = alert.when("acknowledged", number)
    cleared = alert.when("cleared", number)
    return {
        "raised_at": rfc3339(alert.raised_at),
        "acknowledged_at": rfc3339(acknowledged) if acknowledged else None,
        "cleared_at": rfc3339(cleared) if cleared else None,
    }


def _model(model: ModelId) -> dict[str, str]:
    return {
        "name": model.name,
        "version": model.version,
        "sha256": model.sha256,
        "backend": model.backend,
    }
