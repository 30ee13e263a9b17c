"""The course of one sensor's alerts: raised, grown worse, acknowledged, cleared; then the next."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from models.anomaly.anomaly import Anomaly
from uploader.identity import new_id
from vision_app.alerting.alert import Alert, Change, Severity, State
from vision_app.alerting.debounce import Debounce
from vision_app.alerting.explaining import Explaining, sentence
from vision_app.alerting.rules import RulesOfAlerts


class Course:
    """Pure: knows no clock, no disk and no thread. alert: the newest, open or not; None before.

    At most one alert of a sensor is open. Each method returns the alert where it changed it.
    """

    def __init__(
        self, sensor: str, rules: RulesOfAlerts, explaining: Explaining, alert: Alert | None = None
    ) -> None:
        """alert: the newest of an earlier run; one that is open goes on."""
        self._sensor, self._rules, self._explaining = sensor, rules, explaining
        self._raising = Debounce(rules.after, rules.after_s)
        self._clearing = Debounce(rules.clear_after, rules.clear_after_s)
        self._growing = Debounce(rules.after, 0.0)
        self.alert = alert

    def judge(self, at: datetime, anomaly: Anomaly, values: Mapping[str, float]) -> Alert | None:
        """Takes what the model says of a reading."""
        at_s = at.timestamp()
        strong = self._growing.update(_excess(anomaly) > self._rules.critical_from, at_s)
        if self.alert is None or not self.alert.open:
            if self._raising.update(anomaly.anomalous, at_s):
                return self._raised(at, anomaly, values, "critical" if strong else "warning")
            return None
        if self._clearing.update(anomaly.calm, at_s):
            return self._cleared(self.alert, at, anomaly, values)
        if self._is_worse(self.alert, at, anomaly, strong):
            return self._changed(self.alert, at, "updated", "critical", self._seen(anomaly, values))
        return None

    def acknowledge(self, id: str, at: datetime) -> Alert | None:
        """Somebody has seen it; it grows no more, and clears by itself."""
        alert = self.alert
        if alert is None or alert.id != id or not alert.open or alert.when("acknowledged"):
            return None
        last = alert.newest
        seen = last.model_dump(include={"score", "threshold", "signals", "values"})
        text = f"the alert of {self._sensor} was acknowledged"
        return self._changed(alert, at, "acknowledged", last.severity, seen, text)

    def tie(self, id: str, camera: str, frame: str) -> Alert | None:
        """A frame of a camera was kept for it."""
        if self.alert is None or self.alert.id != id:
            return None
        self.alert = self.alert.tied(camera, frame)
        return self.alert

    def _raised(
        self, at: datetime, anomaly: Anomaly, values: Mapping[str, float], severity: Severity
    ) -> Alert:
        self._raising.again()
        self._clearing.again()
        seen = self._seen(anomaly, values)
        text = f"{self._sensor} is not as usual: {sentence(seen['signals'])}"
        first = Change(number=1, state="raised", at=at, severity=severity, text=text, **seen)
        self.alert = Alert(id=new_id(at), sensor=self._sensor, changes=(first,))
        return self.alert

    def _cleared(
        self, alert: Alert, at: datetime, anomaly: Anomaly, values: Mapping[str, float]
    ) -> Alert:
        self._raising.again()
        self._clearing.again()
        text = f"{self._sensor} is as usual again"
        severity, seen = alert.newest.severity, self._seen(anomaly, values)
        return self._changed(alert, at, "cleared", severity, seen, text)

    def _is_worse(self, alert: Alert, at: datetime, anomaly: Anomaly, strong: bool) -> bool:
        """Whether it becomes critical now."""
        if alert.newest.severity == "critical" or alert.when("acknowledged"):
            return False
        stood_s = (at - alert.raised_at).total_seconds()
        return strong or (stood_s >= self._rules.critical_after_s and not anomaly.calm)

    def _changed(
        self,
        alert: Alert,
        at: datetime,
        state: State,
        severity: Severity,
        seen: Mapping[str, Any],
        text: str = "",
    ) -> Alert:
        text = text or f"{self._sensor} became {severity}: {sentence(seen['signals'])}"
        number = alert.newest.number + 1
        change = Change(number=number, state=state, at=at, severity=severity, text=text, **seen)
        self.alert = alert.changed(change)
        return self.alert

    def _seen(self, anomaly: Anomaly, values: Mapping[str, float]) -> dict[str, Any]:
        return {
            "score": round(anomaly.score, 6),
            "threshold": round(anomaly.threshold, 6),
            "signals": self._explaining.pushes(anomaly, values),
            "values": dict(values),
        }


def _excess(anomaly: Anomaly) -> float:
    """How far the score is on the way from the threshold to 1, which none exceeds: 0..1."""
    over, room = anomaly.score - anomaly.threshold, 1.0 - anomaly.threshold
    if over <= 0:
        return 0.0
    return min(over / room, 1.0) if room > 0 else 1.0


def ended(alert: Alert, at: datetime, why: str) -> Alert:
    """The alert of a sensor that nobody judges any more, cleared."""
    last = alert.newest
    change = last.model_copy(
        update={"number": last.number + 1, "state": "cleared", "at": at, "text": why}
    )
    return alert.changed(change)
