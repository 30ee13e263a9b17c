"""Drift in words and numbers, for health."""

from typing import Any

from models.anomaly.drift import Drift, DriftReport, in_words
from models.anomaly.drift_day import Day
from models.anomaly.manifest import Manifest
from vision_app.sensors.drift_book import DriftBook

QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
REMEDY = "if this is to stay, fit it again on newer readings: vision-app anomaly fit"


def drift_of(book: DriftBook | None, sensor: str) -> dict[str, Any]:
    """`sensors.<name>.drift` of health; empty for a sensor that no model judges."""
    drift = book.of(sensor) if book else None
    if book is None or drift is None:
        return {}
    report = drift.report(book.today)
    return {
        "model": f"{drift.manifest.name} {drift.manifest.version}",
        "aimed_at": drift.manifest.false_alarm_rate,
        "today": _day(report.today),
        "yesterday": _day(report.yesterday),
        "week": _day(report.week),
        "shifts": [
            {"signal": s.signal, "feature": s.feature, "deviations": round(s.deviations, 2)}
            for s in report.shifts
        ],
    }


def drift_notes(book: DriftBook | None, sensor: str) -> tuple[str, ...]:
    """A sentence for a signal that is far off, and one for too much above the threshold."""
    drift = book.of(sensor) if book else None
    if book is None or drift is None:
        return ()
    report = drift.report(book.today)
    return (*_far(sensor, drift, report), *_often(sensor, drift.manifest, report))


def _far(sensor: str, drift: Drift, report: DriftReport) -> tuple[str, ...]:
    if not report.far:
        return ()
    more = f", and {len(report.far) - 1} other signals too" if len(report.far) > 1 else ""
    return (
        f"sensor {sensor}: since yesterday {in_words(report.far[0])}{more}, so model "
        f"{drift.manifest.name} may fit no more; {REMEDY}",
    )


def _often(sensor: str, manifest: Manifest, report: DriftReport) -> tuple[str, ...]:
    if not report.often:
        return ()
    return (
        f"sensor {sensor}: since yesterday {report.recent.share_above:.1%} of its moments were "
        f"above the threshold of model {manifest.name}, which is meant for "
        f"{manifest.false_alarm_rate:.2%}; {REMEDY}",
    )


def _day(day: Day | None) -> dict[str, Any] | None:
    if day is None or not day.judged:
        return None
    scores = {name: day.quantile(share) for name, share in QUANTILES.items()}
    return {"judged": day.judged, "share_above": round(day.share_above, 6)} | {
        name: round(score, 4) for name, score in scores.items() if score is not None
    }
