"""How one model does on readings that it has not learnt: false alarms, and what it would find."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.anomaly.bundle import AnomalyBundle
from models.anomaly.features import LEVELS, is_log
from models.anomaly.held_out import wilson
from models.anomaly.moments import Vector
from models.anomaly.training_rows import Readings, feature_rows
from models.errors import ModelError

MAX_JUDGED = 20_000
MAX_PLANTED = 500
"""Moments in which each change is planted."""
PLANTED_DEVIATIONS = 4.0
"""Of the held-out levels of a signal: so far it is moved, up and down."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one model.

    moments: judged. share_above: of the normal ones, above the threshold; interval: its 95% limits,
    moments that share a window counted as one. found: of changes that were planted in normal
    moments (each signal moved up, moved down, stuck), the share that rises above the threshold,
    beside what is there anyway. precision, recall, f1: with the known faults; 0 without.
    """

    name: str
    version: str
    sha256: str
    window_s: float
    threshold: float
    aimed_at: float
    moments: int
    share_above: float
    interval: tuple[float, float]
    found: float
    precision: float = 0.0
    recall: float = 0.0
    f1: float = 0.0


def try_out(
    model: AnomalyBundle,
    readings: Readings,
    since_s: float,
    faults: Sequence[tuple[float, float]] = (),
) -> Trial:
    """Judges all moments from since_s on. faults: from when to when something was wrong.

    A moment whose window reaches back into a fault is neither normal nor a fault.
    """
    manifest = model.manifest
    times_s, features = _unknown(model, readings, since_s)
    above = model.svm.scores(model.standard.apply(features)) > manifest.threshold
    wrong, near = (_within(times_s, faults, after) for after in (0.0, manifest.window_s))
    normal = ~near
    if not normal.any():
        raise ModelError("the held-out readings hold no normal moment: give longer ones")
    share = float(above[normal].mean())
    span_s = float(times_s[-1] - times_s[0]) * float(normal.mean())
    precision, recall, f1 = _hits(above, wrong, normal)
    return Trial(
        name=manifest.name,
        version=manifest.version,
        sha256=manifest.weights.sha256,
        window_s=manifest.window_s,
        threshold=manifest.threshold,
        aimed_at=manifest.false_alarm_rate,
        moments=len(times_s),
        share_above=share,
        interval=wilson(share, max(1.0, min(span_s / manifest.window_s, float(normal.sum())))),
        found=_found(model, features[normal], share),
        precision=precision,
        recall=recall,
        f1=f1,
    )


def _unknown(
    model: AnomalyBundle, readings: Readings, since_s: float
) -> tuple[Vector, NDArray[np.float64]]:
    """Times and features of the moments from since_s on; their windows begin after it, too."""
    manifest = model.manifest
    columns = [readings.signals.index(name) for name in manifest.signals]
    wanted = readings.part(readings.times_s >= since_s)
    own = Readings(manifest.signals, {}, wanted.times_s, wanted.values[:, columns])
    times_s, features = feature_rows(own, manifest.window_s, manifest.features, MAX_JUDGED)
    if not len(times_s):
        raise ModelError(
            f"the held-out readings never fill a window of {manifest.window_s:g} s without a gap: "
            "give longer ones"
        )
    return times_s, features


def _within(
    times_s: Vector, spans: Sequence[tuple[float, float]], after_s: float
) -> NDArray[np.bool_]:
    found = np.zeros(len(times_s), np.bool_)
    for begin_s, end_s in spans:
        found |= (times_s >= begin_s) & (times_s < end_s + after_s)
    return found


def _hits(
    above: NDArray[np.bool_], wrong: NDArray[np.bool_], normal: NDArray[np.bool_]
) -> tuple[float, float, float]:
    """Precision, recall and F1 of single moments; 0 where nothing was wrong."""
    hits, false = int((above & wrong).sum()), int((above & normal).sum())
    missed = int((~above & wrong).sum())
    if not hits:
        return 0.0, 0.0, 0.0
    return hits / (hits + false), hits / (hits + missed), 2 * hits / (2 * hits + false + missed)


def _found(model: AnomalyBundle, features: NDArray[np.float64], there: float) -> float:
    """The share of planted changes above the threshold, as a share of what is not so anyway."""
    some = features[np.linspace(0, len(features) - 1, min(len(features), MAX_PLANTED)).astype(int)]
    shares = [
        float((model.svm.scores(model.standard.apply(rows)) > model.manifest.threshold).mean())
        for signal in range(len(model.manifest.signals))
        for rows in _planted(model, some, signal)
    ]
    return max(0.0, (float(np.mean(shares)) - there) / max(1.0 - there, 1e-9))


def _planted(
    model: AnomalyBundle, rows: NDArray[np.float64], signal: int
) -> list[NDArray[np.float64]]:
    """The rows with one signal moved up, moved down, and stuck."""
    names, size = model.manifest.features, len(model.manifest.signals)
    levels = [kind * size + signal for kind, name in enumerate(names) if name in LEVELS]
    still = [kind * size + signal for kind, name in enumerate(names) if is_log(name)]
    mean, noise = rows[:, signal], rows[:, size + signal]
    step = PLANTED_DEVIATIONS * float(np.hypot(np.nanstd(mean), np.nanmedian(noise)) or 1e-9)
    changed = []
    for columns, change in ((levels, step), (levels, -step), (still, 0.0)):
        new = rows.copy()
        new[:, columns] = new[:, columns] + change if change else 0.0
        changed.append(new)
    return changed
