"""Learns what normal readings look like, and writes it down as a bundle."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.anomaly.bundle import WEIGHTS, check_free, pack, write_bundle
from models.anomaly.features import USUAL, Feature
from models.anomaly.held_out import Threshold, held_out_scores, judged_rows, strange, threshold
from models.anomaly.learn import Learner, Method, learner
from models.anomaly.manifest import Manifest, TrainedFrom
from models.anomaly.one_class_svm import OneClassSvm
from models.anomaly.source import Source
from models.anomaly.standard import Standard
from models.anomaly.training_rows import TrainingRows, read_training_rows
from models.anomaly.units import units
from models.bundles.manifest import FileEntry

_MAX_ROWS: Mapping[Method, int] = {"exact": 40_000, "nystroem": 2_000_000}


@dataclass(frozen=True, slots=True)
class FitOptions:
    """How to fit; what is left alone is chosen from the readings.

    window_s: None takes an eighth of the time that the signals remember, at least 12 readings.
    features: None takes mean and deviation, and bands where signals are fast.
    gamma: None takes 1 / features, so that a usual distance counts the same for any number of them.
    nu: about the share of training rows that may lie outside the edge.
    false_alarm_rate: share of normal readings that may be called anomalous; the report tells when
        these readings differ too much for so low a share.
    left_out: share of the readings, the strangest to a model of the others, that is not learnt;
        for readings that are known to hold faults.
    held_out: share of the time, the last of it, that is not looked at: to compare models on.
    method: exact, on up to 10,000 rows that cover all of them; nystroem, an approximation on all.
    name: None takes that of the folder. replace: an existing bundle may be replaced.
    units: signal → unit, besides those that names tell (temperature_c).
    """

    window_s: float | None = None
    features: tuple[Feature, ...] | None = None
    gamma: float | None = None
    nu: float = 0.05
    false_alarm_rate: float = 0.01
    left_out: float = 0.0
    held_out: float = 0.0
    method: Method = "exact"
    name: str | None = None
    version: str = "1"
    replace: bool = False
    units: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 < self.nu <= 1 or not 0 < self.false_alarm_rate < 1:
            raise ValueError("nu and false_alarm_rate are shares above 0")
        if not (0 <= self.left_out < 0.5 and 0 <= self.held_out < 1):
            raise ValueError("left_out is a share below one half, held_out one below 1")
        if any(value is not None and not value > 0 for value in (self.window_s, self.gamma)):
            raise ValueError("window_s and gamma are above 0")
        if self.features is not None and self.features[: len(USUAL)] != USUAL:
            raise ValueError(f"features begin with {', '.join(USUAL)}")


@dataclass(frozen=True, slots=True)
class FitReport:
    """What a fit came to.

    rows: read from the file; used: of them, with a full window, after thinning and leaving out;
    losses: cells and rows of the file that could not be used, by reason.
    wandering: signals whose level is not judged.
    false_alarm_rate: share of the used rows above the threshold, each judged by a model that did
    not know its time; false_alarm_interval: its 95% limits.
    """

    out: Path
    name: str
    signals: tuple[str, ...]
    wandering: tuple[str, ...]
    rows: int
    used: int
    losses: Mapping[str, int]
    features: int
    support_vectors: int
    window_s: float
    gamma: float
    nu: float
    threshold: float
    clear: float
    false_alarm_rate: float
    false_alarm_interval: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class _Learnt:
    """A model before it is written."""

    rows: TrainingRows
    used: int
    gamma: float
    standard: Standard
    svm: OneClassSvm
    threshold: Threshold


def fit(source: Source, out: Path, options: FitOptions | None = None) -> FitReport:
    """Fits a model on a file of normal readings and writes the bundle `out`.

    Raises DeviceUnavailable (the file), ModelError (too few readings, no scikit-learn) or
    BundleError (`out` exists or cannot be written).
    """
    options = options or FitOptions()
    check_free(out, options.replace)
    rows = read_training_rows(
        source, options.window_s, options.features, _MAX_ROWS[options.method], options.held_out
    )
    learnt = _learn(rows, options)
    manifest, weights = _written_down(source, out, learnt, options)
    write_bundle(out, manifest, weights, options.replace)
    return _report(out, learnt, manifest)


def _learn(rows: TrainingRows, options: FitOptions) -> _Learnt:
    standard = Standard.of(rows.features, rows.names, rows.wandering)
    gamma = options.gamma or 1 / len(standard.signal_of)
    learn = learner(options.method, options.nu, gamma)
    kept, edge = _kept_and_threshold(rows, learn, options)
    svm = learn(standard.apply(rows.features[kept]))
    return _Learnt(rows, int(kept.sum()), gamma, standard, svm, edge)


def _kept_and_threshold(
    rows: TrainingRows, learn: Learner, options: FitOptions
) -> tuple[NDArray[np.bool_], Threshold]:
    """Which rows are learnt from, and the threshold by what they score when they are held out."""
    judged = judged_rows(len(rows.times_s))
    scores = held_out_scores(rows, np.ones(len(rows.times_s), bool), learn)
    out = strange(scores, options.left_out)
    kept = ~out[np.minimum(np.searchsorted(judged, np.arange(len(rows.times_s))), len(judged) - 1)]
    if out.any():
        scores = held_out_scores(rows, kept, learn)[~out]
    windows = float(rows.times_s[-1] - rows.times_s[0]) / rows.window_s
    return kept, threshold(scores, options.false_alarm_rate, windows)


def _written_down(
    source: Source, out: Path, learnt: _Learnt, options: FitOptions
) -> tuple[Manifest, bytes]:
    rows, weights = learnt.rows, pack(learnt.standard, learnt.svm)
    manifest = Manifest(
        schema=1,
        name=options.name or _name(out),
        version=options.version,
        task="anomaly",
        kind="one-class-svm",
        created=datetime.now(timezone.utc).replace(microsecond=0),
        trained_from=TrainedFrom(
            file=source.path.resolve().name,
            sha256=source.sha256(),
            rows=rows.read,
            until=datetime.fromtimestamp(float(rows.times_s[-1]), timezone.utc),
        ),
        signals=rows.signals,
        units=units(rows.signals) | dict(source.units()) | dict(options.units),
        features=rows.names,
        wandering=tuple(rows.signals[i] for i in rows.wandering),
        window_s=rows.window_s,
        gamma=learnt.gamma,
        nu=options.nu,
        threshold=learnt.threshold.score,
        clear=learnt.threshold.clear,
        false_alarm_rate=options.false_alarm_rate,
        false_alarm_interval=learnt.threshold.interval,
        weights=FileEntry(file=WEIGHTS, sha256=sha256(weights).hexdigest()),
    )
    return manifest, weights


def _report(out: Path, learnt: _Learnt, manifest: Manifest) -> FitReport:
    return FitReport(
        out=out,
        name=manifest.name,
        signals=manifest.signals,
        wandering=manifest.wandering,
        rows=learnt.rows.read,
        used=learnt.used,
        losses=learnt.rows.losses,
        features=len(learnt.standard.signal_of),
        support_vectors=len(learnt.svm.weights),
        window_s=manifest.window_s,
        gamma=manifest.gamma,
        nu=manifest.nu,
        threshold=manifest.threshold,
        clear=manifest.clear,
        false_alarm_rate=learnt.threshold.false_alarm_rate,
        false_alarm_interval=manifest.false_alarm_interval,
    )


def _name(out: Path) -> str:
    """A name for the bundle in that folder."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", out.resolve().name.lower())
    return plain.lstrip("._-")[:63] or "anomaly"
