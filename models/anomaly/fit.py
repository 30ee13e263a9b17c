"""Learns what normal readings look like, and writes it down as a bundle."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path

import numpy as np

from models.anomaly.bundle import WEIGHTS, check_free, pack, write_bundle
from models.anomaly.learn import held_out_scores, learn
from models.anomaly.manifest import Manifest, TrainedFrom
from models.anomaly.source import Source
from models.anomaly.standard import FEATURES, Standard
from models.anomaly.training_rows import TrainingRows, read_training_rows
from models.anomaly.units import units
from models.bundles.bundle import sha256 as sha256_of_file
from models.bundles.manifest import FileEntry

MAX_THRESHOLD = 0.9
"""Scores end at 1. A threshold near it, which readings that differ too much among themselves would
ask for, could hardly ever be passed: the model would be silent."""


@dataclass(frozen=True, slots=True)
class FitOptions:
    """How to fit; what is left alone is chosen from the readings.

    window_s: None takes 30 readings, or at least 30 s.
    gamma: None takes 1 / features, so that a usual distance counts the same for any number of them.
    nu: about the share of training rows that may lie outside the edge.
    false_alarm_rate: share of normal readings that may be called anomalous; the report tells when
        these readings differ too much for so low a share.
    name: None takes that of the folder. replace: an existing bundle may be replaced.
    units: signal → unit, besides those that names tell (temperature_c).
    """

    window_s: float | None = None
    gamma: float | None = None
    nu: float = 0.05
    false_alarm_rate: float = 0.005
    name: str | None = None
    version: str = "1"
    replace: bool = False
    units: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 < self.nu <= 1 or not 0 < self.false_alarm_rate < 1:
            raise ValueError("nu and false_alarm_rate are shares above 0")
        if any(value is not None and not value > 0 for value in (self.window_s, self.gamma)):
            raise ValueError("window_s and gamma are above 0")


@dataclass(frozen=True, slots=True)
class FitReport:
    """What a fit came to.

    rows: read from the file; used: of them, with a full window, after thinning; losses: cells and
    rows of the file that could not be used, by reason.
    false_alarm_rate: share of the used rows above the threshold, each judged by a model that did
    not know its time.
    """

    out: Path
    name: str
    signals: tuple[str, ...]
    rows: int
    used: int
    losses: Mapping[str, int]
    features: int
    support_vectors: int
    window_s: float
    gamma: float
    nu: float
    threshold: float
    false_alarm_rate: float


def fit(source: Source, out: Path, options: FitOptions | None = None) -> FitReport:
    """Fits a model on a file of normal readings and writes the bundle `out`.

    Raises DeviceUnavailable (the file), ModelError (too few readings, no scikit-learn) or
    BundleError (`out` exists or cannot be written).
    """
    options = options or FitOptions()
    check_free(out, options.replace)
    rows = read_training_rows(source, options.window_s)
    gamma = options.gamma or 1 / rows.features.shape[1]
    threshold, alarms = _threshold(rows, gamma, options)
    standard = Standard.of(rows.features)
    svm = learn(standard.apply(rows.features), options.nu, gamma)
    weights = pack(standard, svm)
    manifest = _manifest(source, out, rows, options, gamma, threshold, weights)
    write_bundle(out, manifest, weights, options.replace)
    return FitReport(
        out=out,
        name=manifest.name,
        signals=rows.signals,
        rows=rows.read,
        used=len(rows.times_s),
        losses=rows.losses,
        features=rows.features.shape[1],
        support_vectors=len(svm.weights),
        window_s=rows.window_s,
        gamma=gamma,
        nu=options.nu,
        threshold=threshold,
        false_alarm_rate=alarms,
    )


def _threshold(rows: TrainingRows, gamma: float, options: FitOptions) -> tuple[float, float]:
    """The threshold for the rate that is wanted, and the rate that it came to."""
    scores = held_out_scores(rows, options.nu, gamma)
    wanted = float(np.quantile(scores, 1 - options.false_alarm_rate, method="higher"))
    threshold = min(wanted, MAX_THRESHOLD)
    return threshold, float(np.mean(scores > threshold))


def _manifest(
    source: Source,
    out: Path,
    rows: TrainingRows,
    options: FitOptions,
    gamma: float,
    threshold: float,
    weights: bytes,
) -> Manifest:
    return Manifest(
        schema=1,
        name=options.name or _name(out),
        version=options.version,
        task="anomaly",
        kind="one-class-svm",
        created=datetime.now(timezone.utc).replace(microsecond=0),
        trained_from=TrainedFrom(
            file=source.path.name, sha256=sha256_of_file(source.path), rows=rows.read
        ),
        signals=rows.signals,
        units=units(rows.signals) | dict(options.units),
        features=FEATURES,
        window_s=rows.window_s,
        gamma=gamma,
        nu=options.nu,
        threshold=threshold,
        false_alarm_rate=options.false_alarm_rate,
        weights=FileEntry(file=WEIGHTS, sha256=sha256(weights).hexdigest()),
    )


def _name(out: Path) -> str:
    """A name for the bundle in that folder."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", out.resolve().name.lower())
    return plain.lstrip("._-")[:63] or "anomaly"
