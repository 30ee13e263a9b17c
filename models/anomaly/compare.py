"""Tries the next model beside the present one, on readings that neither of them has learnt."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

from models.anomaly.bundle import AnomalyBundle, open_bundle
from models.anomaly.drift import Shift
from models.anomaly.features import Feature
from models.anomaly.source import Source
from models.anomaly.training_rows import Readings, read_readings
from models.anomaly.trial import Trial, try_out
from models.errors import ModelError

HELD_OUT = 0.25
LEAST_WINDOWS = 20.0
"""Beside one another, that models are compared on: fewer say too little."""
LESS_FOUND = 0.1
"""Of planted changes: so much less a next model may find, as a share of all."""
LESS_F1 = 0.02

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of it.

    since, until: the readings that were judged. present, next: None where the models could not be
    compared. shifts: where the mean of what the next one learnt lies from that of the present one,
    of each signal the furthest feature, in training deviations of the present one.
    may_replace: whether the next one may take the place of the present one; verdict says why.
    """

    since: datetime
    until: datetime
    present: Trial | None
    next: Trial | None
    missing: tuple[str, ...]
    shifts: tuple[Shift, ...]
    may_replace: bool
    verdict: str


def compare(
    present: Path,
    next: Path,
    source: Source,
    faults: Sequence[Span] = (),
    held_out: float = HELD_OUT,
) -> Comparison:
    """Judges the last share of the readings by both models.

    source: its `signals` are of no account. faults: when something was wrong; all else counts as
    normal. Raises DeviceUnavailable (the readings) and ModelError (a bundle).
    """
    old, new = open_bundle(present), open_bundle(next)
    signals = tuple(sorted({*old.manifest.signals, *new.manifest.signals}))
    with source.of(()).open() as rows:
        missing = tuple(name for name in signals if name not in rows.signals)
    readings = read_readings(source.of(tuple(name for name in signals if name not in missing)))
    if len(readings.times_s) < 2:
        raise ModelError(f"{source.path} holds no readings to compare models on")
    since_s = _unknown_since_s(readings, (old, new), held_out)
    until_s = float(readings.times_s[-1])
    spans = [(begin.timestamp(), end.timestamp()) for begin, end in faults]
    why = _why_not(old, new, missing, until_s - since_s)
    trials = [] if why else [try_out(one, readings, since_s, spans) for one in (old, new)]
    why = why or _what_is_worse(trials[0], trials[1], (old, new), bool(spans))
    return Comparison(
        since=_utc(min(since_s, until_s)),
        until=_utc(until_s),
        present=trials[0] if trials else None,
        next=trials[1] if trials else None,
        missing=missing,
        shifts=_shifts(old, new),
        may_replace=not why,
        verdict=why or _praise(trials[0], trials[1]),
    )


def _unknown_since_s(readings: Readings, models: Sequence[AnomalyBundle], held_out: float) -> float:
    """The beginning of what both are judged on: later than all that either has learnt, which was
    there when it was made where its manifest says no more."""
    begin_s, end_s = readings.times_s[[0, -1]].tolist()
    manifests = [model.manifest for model in models]
    known_s = [(m.trained_from.until or m.created).timestamp() + m.window_s for m in manifests]
    return float(max(end_s - held_out * (end_s - begin_s), *known_s, begin_s))


def _why_not(
    old: AnomalyBundle, new: AnomalyBundle, missing: tuple[str, ...], held_out_s: float
) -> str:
    """Why the two cannot be compared, as a sentence; empty when they can."""
    if missing:
        return f"not comparable: these readings lack {', '.join(missing)}, which a model judges"
    windows = held_out_s / max(old.manifest.window_s, new.manifest.window_s)
    if windows < LEAST_WINDOWS:
        return (
            f"not comparable: of these readings neither has learnt, {max(windows, 0):.0f} windows "
            f"are left, and {LEAST_WINDOWS:.0f} are needed: fit the next one with --held-out "
            f"{HELD_OUT:g}, or give newer readings"
        )
    return ""


def _what_is_worse(
    old: Trial, new: Trial, models: tuple[AnomalyBundle, AnomalyBundle], labelled: bool
) -> str:
    """Why the next one is worse, as a sentence; empty when it is not."""
    present, next = models[0].manifest, models[1].manifest
    unseen = sorted(set(present.signals) - set(next.signals))
    if unseen:
        return f"worse: the next model does not judge {', '.join(unseen)}"
    if new.interval[0] > max(old.share_above, next.false_alarm_interval[1]):
        return (
            f"worse: the next model calls {_share(new)} of normal moments anomalous, the present "
            f"one {_share(old)}"
        )
    if new.found < old.found - LESS_FOUND:
        return (
            f"worse: of changes that were planted the next model finds {new.found:.0%}, the "
            f"present one {old.found:.0%}"
        )
    if labelled and new.f1 < old.f1 - LESS_F1:
        return f"worse: with the faults that are known F1 is {new.f1:.3f} and was {old.f1:.3f}"
    return ""


def _praise(old: Trial, new: Trial) -> str:
    return (
        f"may replace: on readings that neither has learnt the next model calls {_share(new)} of "
        f"normal moments anomalous, the present one {_share(old)}; of planted changes they find "
        f"{new.found:.0%} and {old.found:.0%}"
    )


def _share(trial: Trial) -> str:
    low, high = trial.interval
    return f"{trial.share_above:.2%} ({low:.2%} to {high:.2%})"


def _shifts(old: AnomalyBundle, new: AnomalyBundle) -> tuple[Shift, ...]:
    """Of each signal that both judge the feature whose means differ most, the furthest first."""
    found: dict[str, Shift] = {}
    here = {key: mean for key, mean, _ in _means(new)}
    for (signal, feature), mean, scale in _means(old):
        if (signal, feature) in here:
            shift = Shift(signal, feature, float((here[signal, feature] - mean) / scale))
            found[signal] = max(found.get(signal, shift), shift, key=lambda s: abs(s.deviations))
    return tuple(sorted(found.values(), key=lambda s: -abs(s.deviations)))


def _means(bundle: AnomalyBundle) -> Iterator[tuple[tuple[str, Feature], float, float]]:
    """Signal and feature, mean and scale of what was learnt."""
    manifest, standard = bundle.manifest, bundle.standard
    names = [(signal, kind) for kind in manifest.features for signal in manifest.signals]
    return zip(names, standard.mean.tolist(), standard.scale.tolist(), strict=True)


def _utc(at_s: float) -> datetime:
    return datetime.fromtimestamp(np.round(at_s, 3), timezone.utc)
