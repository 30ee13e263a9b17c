"""Alerts for tests: judgements as letters, and a desk whose world is made of real files."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path

from models.anomaly.anomaly import Anomaly
from models.anomaly.usual import Usual
from uploader.choosing.alerts import Alerts
from vision_app.alerting.acks import Acks
from vision_app.alerting.alert import Alert
from vision_app.alerting.course import Course
from vision_app.alerting.desk import HEAD_START_S, MOST, Desk
from vision_app.alerting.explaining import Explaining
from vision_app.alerting.hook import Hook
from vision_app.alerting.rules import RulesOfAlerts
from vision_app.alerting.shelf import FOLDER, Shelf
from vision_app.alerting.telling import Telling
from vision_app.events import Event, Origin
from vision_app.publish import Publisher, Told

START = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
VALUES = {"temperature_c": 31.0, "vent_pct": 2.0}
EXPLAINING = Explaining({"temperature_c": "°C"}, {"temperature_c": Usual(21.0, 2.0)})
SCORES: Mapping[str, float] = {".": 0.1, "-": 0.4, "!": 0.6, "#": 0.99}
"""calm, neither, anomalous, far on the way to 1."""
ORIGIN = Origin("s", "d")


def anomaly(letter: str) -> Anomaly:
    shares = (("temperature_c", 0.75), ("vent_pct", 0.25))
    return Anomaly(SCORES[letter], 0.5, lambda: shares, clear=0.3)


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def course(rules: RulesOfAlerts | None = None, alert: Alert | None = None) -> Course:
    """Raised after 2, cleared after 3, critical after 2 that are far, or after 60 s."""
    quick = RulesOfAlerts(after=2, clear_after=3, critical_after_s=60)
    return Course("climate", rules or quick, EXPLAINING, alert)


class Ear:
    """A publisher that confirms when the test says so."""

    def __init__(self, takes: bool = True, confirms: bool = True) -> None:
        self.takes, self.confirms = takes, confirms
        self.heard: list[Event] = []
        self.counts = {"sent": 0, "refused": 0}
        self.problem = ""

    def publish(self, event: Event) -> bool:
        if self.takes:
            self.heard.append(event)
        return self.takes

    def deliver(self, event: Event) -> Told | None:
        return (lambda: self.confirms) if self.publish(event) else None

    def close(self) -> None:
        """Holds nothing open."""


class BrokerEar(Ear):
    """One that others speak to."""

    def __init__(self, takes: bool = True, confirms: bool = True) -> None:
        super().__init__(takes, confirms)
        self.connections = 1

    @property
    def connects(self) -> int:
        return self.connections

    def listen(self, topic: str, hear: object) -> None:
        """Hears nothing."""


def desk_of(
    folder: Path,
    publishers: Mapping[str, Publisher],
    sensors: tuple[str, ...] = ("climate",),
    hook: Hook | None = None,
    alerts: Alerts | None = None,
    now_s: list[float] | None = None,
    most: int = MOST,
    head_start_s: float = HEAD_START_S,
) -> Desk:
    """A desk over folder/alerts; courses as `course` makes them."""
    shelf = Shelf(folder / FOLDER)
    found = [Telling(kept, publishers) for kept in shelf.load()]
    newest = {one.alert.sensor: one.alert for one in found}
    rules = RulesOfAlerts(after=2, clear_after=3, critical_after_s=60)
    courses = {name: Course(name, rules, EXPLAINING, newest.get(name)) for name in sensors}
    clock = now_s or [START.timestamp()]
    return Desk(
        courses, shelf, found, Acks(folder / FOLDER), publishers, ORIGIN, alerts or Alerts(sensors),
        lambda event: None, hook or Hook((), 1.0), lambda: clock[0], most,
        head_start_s,
    )  # fmt: skip


def see(desk: Desk, letters: str, sensor: str = "climate", begin: int = 0) -> list[Alert]:
    """Judgements, one a second; the alerts that they changed."""
    seen = [
        desk.judge(sensor, at(begin + second), anomaly(letter), VALUES)
        for second, letter in enumerate(letters)
    ]
    return [alert for alert in seen if alert is not None]
