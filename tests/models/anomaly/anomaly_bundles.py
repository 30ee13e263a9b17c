"""Small anomaly models for tests, made by hand: nothing is fitted."""

from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path

import numpy as np

from models.anomaly.bundle import WEIGHTS, pack, write_bundle
from models.anomaly.features import USUAL
from models.anomaly.manifest import Manifest, TrainedFrom
from models.anomaly.one_class_svm import OneClassSvm
from models.anomaly.standard import Standard
from models.bundles.manifest import FileEntry

START = datetime(2026, 1, 31, tzinfo=timezone.utc)
SIGNALS = ("temperature_c", "vent_pct")


def standard(signals: int = 2) -> Standard:
    return Standard(np.zeros(2 * signals), np.ones(2 * signals), np.ones(signals))


def svm(signals: int = 2) -> OneClassSvm:
    """Knows one state: all features 0."""
    return OneClassSvm(np.zeros((1, 2 * signals)), np.array([2.0]), gamma=0.5)


def manifest(weights: bytes, version: str = "1") -> Manifest:
    return Manifest(
        schema=1,
        name="bench",
        version=version,
        task="anomaly",
        kind="one-class-svm",
        created=datetime(2026, 1, 31, tzinfo=timezone.utc),
        trained_from=TrainedFrom(file="normal.csv", sha256="ab" * 32, rows=400),
        signals=SIGNALS,
        units={"temperature_c": "°C", "vent_pct": "%"},
        features=USUAL,
        wandering=(),
        window_s=10.0,
        gamma=0.5,
        nu=0.05,
        threshold=0.5,
        clear=0.3,
        false_alarm_rate=0.01,
        false_alarm_interval=(0.002, 0.03),
        weights=FileEntry(file=WEIGHTS, sha256=sha256(weights).hexdigest()),
    )


def write(out: Path, version: str = "1", replace: bool = False) -> Path:
    weights = pack(standard(), svm())
    write_bundle(out, manifest(weights, version), weights, replace)
    return out


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)
