"""Measurements of bundles, made up and kept in a store."""

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from models.backend import Placement
from models.bench.measured import keep
from models.bench.measurement import Figures, Measurement
from models.bundles.bundle import open_bundle
from models.settings import ModelSettings
from models.way import Choice

AT = datetime(2026, 1, 31, tzinfo=timezone.utc)


def measured(
    folder: Path,
    backend: str,
    p50_ms: float,
    threads: int = 1,
    cpu_ms: float = 1.0,
    difference: float = 0.0,
) -> Measurement:
    """A measurement of the bundle's only weights."""
    (weights,) = open_bundle(str(folder)).manifest.weights
    figures = Figures(p50_ms, p50_ms, 1000 / p50_ms, cpu_ms, 10.0, difference, 100)
    return Measurement(Choice(weights, backend, Placement(threads=threads)), figures)


def kept(folder: Path, *measurements: Measurement, **settings: Any) -> ModelSettings:
    """Settings with a store in which these measurements of the bundle lie."""
    told = ModelSettings(bundle=str(folder), store=folder.parent / "store", **settings)
    keep(open_bundle(str(folder)), told, AT, measurements)
    return told
