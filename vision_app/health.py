"""How the device is: gathers every count and problem into one health event."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from itertools import chain
from typing import Any

from masking.masker import Masker
from uploader.bulk.bulk import Bulk
from uploader.receipts.key import fingerprint
from uploader.sending.uploader import Uploader
from uploader.spool import Spool
from vision_app.alerting.desk import Desk
from vision_app.cameras.capture import Capture, State
from vision_app.choosing import Choosing
from vision_app.events import HealthEvent, HealthState, Origin
from vision_app.faces.detection import Detection
from vision_app.ledger import Ledger
from vision_app.pipeline import Pipeline
from vision_app.publish import Publisher, tell
from vision_app.sensors.drift_book import DriftBook
from vision_app.sensors.drift_told import drift_notes, drift_of
from vision_app.sensors.sensing import Sensing

FAILURES_ARE_SERIOUS = 10
"""Frames in a row whose masking failed, from which on health is failing."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What health looks at."""

    origin: Origin
    captures: Sequence[Capture]
    ledgers: Mapping[str, Ledger]
    maskers: Mapping[str, Masker]
    detection: Detection
    choosing: Choosing
    pipeline: Pipeline
    sensings: Sequence[Sensing]
    bulk: Bulk | None
    spool: Spool
    uploader: Uploader | None
    publishers: Mapping[str, Publisher]
    desk: Desk | None = None
    drift: DriftBook | None = None


class Health:
    """Tells how the device is every few seconds."""

    def __init__(self, parts: Parts, every_s: float) -> None:
        self._parts = parts
        self._began_s = time.monotonic()
        self.wait_s = every_s

    def step(self) -> HealthState:
        """Publishes the health now."""
        event = self.now()
        tell(self._parts.publishers.values(), event)
        return event.state

    def now(self) -> HealthEvent:
        """The health at this moment."""
        parts = self._parts
        serious, other = self._serious(), self._other()
        return HealthEvent(
            origin=parts.origin,
            at=datetime.now(timezone.utc),
            uptime_s=time.monotonic() - self._began_s,
            state="failing" if serious else "degraded" if other else "ok",
            problems=(*serious, *other),
            notes=(*parts.choosing.budgets.spent, *self._notes()),
            cameras={c.settings.name: self._camera(c) for c in parts.captures},
            sensors={s.settings.name: _sensor(s, parts.drift) for s in parts.sensings},
            alerts=parts.desk.counts() if parts.desk else {},
            bulk=_bulk(parts.bulk),
            budgets={name: asdict(use) for name, use in parts.choosing.budgets.used().items()},
            spool=_spool(parts.spool),
            receipts=_receipts(parts.spool),
            uploads=_uploads(parts.uploader),
            publishers={name: p.counts for name, p in parts.publishers.items()},
        )

    def _notes(self) -> tuple[str, ...]:
        """What cameras give otherwise than they were asked, and which models fit no more.

        What a file tells again says nothing of today.
        """
        parts = self._parts
        sensors = [sensing.settings for sensing in parts.sensings]
        drifts = [drift_notes(parts.drift, one.name) for one in sensors if not one.played]
        return tuple(chain(*(capture.view.notes for capture in parts.captures), *drifts))

    def _serious(self) -> tuple[str, ...]:
        """Problems that stop the main job: no masking, or no camera at all."""
        parts = self._parts
        problems = [parts.detection.problem]
        problems += [
            f"camera {name}: masking failed {masker.failures} times in a row, frames are redacted: "
            f"{masker.trouble}"
            for name, masker in parts.maskers.items()
            if masker.failures >= FAILURES_ARE_SERIOUS and not parts.detection.problem
        ]
        views = [capture.view for capture in parts.captures]
        if views and all(view.state in (State.LOST, State.STALLED) for view in views):
            problems.append("no camera delivers frames")
        return tuple(filter(None, problems))

    def _other(self) -> tuple[str, ...]:
        parts = self._parts
        problems = [capture.view.problem for capture in parts.captures]
        problems += [fault for capture in parts.captures for fault in capture.view.faults]
        problems += [p for s in parts.sensings for p in s.view.problems.values()]
        problems += [publisher.problem for publisher in parts.publishers.values()]
        problems += [parts.detection.lack, parts.pipeline.problem, parts.choosing.problem]
        problems.append(parts.desk.problem if parts.desk else "")
        problems.append(parts.drift.problem if parts.drift else "")
        problems.append(parts.bulk.problem if parts.bulk else "")
        problems.append(_upload_problem(parts.uploader))
        return tuple(filter(None, problems))

    def _camera(self, capture: Capture) -> dict[str, Any]:
        view, account = capture.view, self._parts.ledgers[capture.settings.name].account()
        return {
            "state": view.state.value,
            "mode": view.mode,
            "opened": view.opened,
            "age_s": _age_s(view.newest_s),
            "captured": account.captured,
            "in_flight": account.in_flight,
            "ends": dict(account.ends),
            "masked": account.masked,
            "faces": account.faces,
            "kept_frames": account.kept_frames,
            "kept": dict(account.kept),
            "not_kept": dict(account.not_kept),
            "losses": dict(view.losses),
            "latency_ms": dict(account.latency_ms),
        }


def _age_s(newest_s: float | None) -> float | None:
    return None if newest_s is None else round(max(time.monotonic() - newest_s, 0.0), 3)


def _sensor(sensing: Sensing, drift: DriftBook | None) -> dict[str, Any]:
    view = sensing.view
    return {
        "state": view.state.value,
        "readings": view.readings,
        "anomalous": view.anomalous,
        "alerts": view.alerts,
        "score": view.score,
        "threshold": view.threshold,
        "losses": dict(view.losses),
        "problems": list(view.problems.values()),
        "drift": drift_of(drift, sensing.settings.name),
    }


def _bulk(bulk: Bulk | None) -> dict[str, Any]:
    return {"files": bulk.files, "losses": dict(bulk.losses)} if bulk else {}


def _spool(spool: Spool) -> dict[str, Any]:
    return {
        "count": spool.waiting.entries,
        "bytes": spool.waiting.size_bytes,
        "quarantined": spool.quarantined.entries,
        "oldest_days": spool.oldest_days,
        "let_go": dict(spool.tombstones.counts),
    }


def _receipts(spool: Spool) -> dict[str, Any]:
    head = spool.chain.head
    if head is None:
        return {}
    key = fingerprint(head.public_key)
    return {"chain": head.chain, "number": head.number, "sha256": head.sha256, "key": key}


def _upload_problem(uploader: Uploader | None) -> str:
    return uploader.problem if uploader else ""


def _uploads(uploader: Uploader | None) -> dict[str, Any]:
    if uploader is None:
        return {}
    counts = uploader.counts
    return {
        "sent": dict(counts.sent),
        "bytes": counts.sent_bytes,
        "retries": counts.retries,
        "denied": counts.denied,
        "quarantined": counts.quarantined,
        "waiting_for": uploader.waiting_for,
    }
