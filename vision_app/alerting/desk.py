"""Where alerts come together: each is told at once, kept on disk, and told until all have it.

An alert is written first and told next, but it waits for the disk at most HEAD_START_S: for the
write that survives kill -9, never for the fsync, which runs beside the telling
(vision_app/alerting/shelf.py). On a disk that hangs the alert goes out all the same, and only an
end of the process within that moment could make this device forget what others know; then the
retained state of the sensor, which is told again at every start, puts them right.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from threading import Condition
from threading import Event as Flag

from models.anomaly.anomaly import Anomaly
from uploader.choosing.alerts import Alerted, Alerts
from vision_app.alerting.acks import Acks
from vision_app.alerting.alert import Alert
from vision_app.alerting.course import Course, ended
from vision_app.alerting.delivery import Delivery
from vision_app.alerting.hook import Hook
from vision_app.alerting.shelf import Shelf
from vision_app.alerting.states import States
from vision_app.alerting.telling import Telling, new_telling, surplus
from vision_app.events import AlertEvent, AnomalyEvent, Origin
from vision_app.publish import Listener, Publisher

log = logging.getLogger("vision_app")

HEAD_START_S = 0.008
"""So long an alert waits to be written before it is told."""
STEP_S = 0.25
FORGETS_S = 3600.0
"""What a broker confirmed so lately is told again after a reconnect: mosquitto, for one, writes
what it holds every half hour, and forgets the rest where it is killed."""
MOST = 1000
"""Alerts that are kept, open ones and history together."""


class Desk:
    """All alerts of this device. `judge` is for the threads of sensors, `step` for its own.

    acks: where people say that they have seen one. lost: alerts that had to go before every
    publisher had confirmed them. raised: since the start.
    """

    wait_s = 0.0

    def __init__(
        self,
        courses: Mapping[str, Course],
        shelf: Shelf,
        found: Iterable[Telling],
        acks: Acks,
        publishers: Mapping[str, Publisher],
        origin: Origin,
        alerts: Alerts,
        hear: Listener,
        hook: Hook,
        now: Callable[[], float] = time.time,
        most: int = MOST,
        head_start_s: float = HEAD_START_S,
    ) -> None:
        """courses: of each sensor that is judged. found: what an earlier run left, oldest first.

        alerts: are told what stands. now: seconds since 1970. most: alerts that are kept.
        head_start_s: so long each waits to be written before it is told.
        """
        self._courses, self._shelf, self.acks, self._alerts = courses, shelf, acks, alerts
        self._publishers, self._origin, self._hook, self._hear = publishers, origin, hook, hear
        self._most, self._head_start_s = most, head_start_s
        self._now, self._changed = now, Condition()
        self._delivery = Delivery(publishers, origin, self._changed)
        self._tellings = {telling.alert.id: telling for telling in found}
        self._busy = {id: one for id, one in self._tellings.items() if not one.done}
        self._states = States(publishers, courses, self._state)
        self._written: dict[str, Flag] = {}
        self.raised = self.lost = 0
        alerts.tied = self._tied
        self._take_up()

    @property
    def problem(self) -> str:
        """What does not work now, as sentences; empty while all does."""
        return "; ".join(filter(None, (self._shelf.problem, self._hook.problem)))

    def counts(self) -> dict[str, int]:
        """What health tells."""
        with self._changed:
            alerts = [one.alert for one in self._tellings.values() if one.alert.open]
            waiting = sum(not one.all_told for one in self._busy.values())
        return {
            "open": len(alerts),
            "acknowledged": sum(alert.when("acknowledged") is not None for alert in alerts),
            "waiting": waiting,
            "lost": self.lost,
            "damaged": self._shelf.damaged,
            "refused_acks": self.acks.refused,
            "snapshots_missed": self._alerts.missed,
            "hook_failed": self._hook.failed,
            "hook_lost": self._hook.lost,
        }

    def judge(
        self, sensor: str, at: datetime, anomaly: Anomaly, values: Mapping[str, float]
    ) -> Alert | None:
        """Takes what the model says of a reading; the alert that it raised, changed or cleared."""
        with self._changed:
            alert = self._courses[sensor].judge(at, anomaly, values)
        if alert is not None:
            self._tell(alert)
        return alert

    def acknowledge(self, id: str) -> bool:
        """Somebody has seen the alert of that id; whether that is news."""
        at = datetime.fromtimestamp(self._now(), timezone.utc)
        with self._changed:
            news = [course.acknowledge(id, at) for course in self._courses.values()]
        for alert in filter(None, news):
            self._tell(alert)
        return any(news)

    def step(self) -> int:
        """One round of what nobody waits for; how many alerts are not done yet."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._written), STEP_S)
        self._keep()
        for id in self.acks.take():
            self.acknowledge(id)
        self._notice_reconnects()
        with self._changed:
            busy = [one for id, one in self._busy.items() if id not in self._written]
        for telling in busy:
            self._delivery.send(telling)
        self._states.tell()
        self._settle()
        return len(self._busy)

    def close(self) -> None:
        """Writes down what is known by now; call it when publishers have sent what they had."""
        self._settle()
        self._keep()

    def _tell(self, alert: Alert) -> None:
        """The way of news: cameras, disk, publishers, hook."""
        alerted, news = Alerted(alert.id, alert.sensor), alert.newest
        if news.state == "raised":
            self._alerts.begin(alerted)
        elif news.state == "cleared":
            self._alerts.end(alert.sensor)
        log.warning("alert %s: %s", news.state, news.text)
        telling = self._noted(alert)
        self._delivery.send(telling)
        self._states.tell()
        event = AnomalyEvent(self._origin, alert, news.number)
        self._hear(event)
        self._hook.tell(event.payload())

    def _noted(self, alert: Alert) -> Telling:
        """Has it written, and waits for that, but not for long."""
        flag = Flag()
        with self._changed:
            course = self._courses.get(alert.sensor)
            if course and course.alert and course.alert.id == alert.id:
                alert = course.alert
            telling = self._tellings.get(alert.id)
            if telling is None:
                telling = self._tellings[alert.id] = new_telling(alert, self._publishers)
                self.raised += 1
            else:
                telling.became(alert)
            self._busy[alert.id] = telling
            self._written[alert.id] = flag
            self._changed.notify_all()
        flag.wait(self._head_start_s)
        self._states.is_new(alert.sensor)
        return telling

    def _tied(self, alerted: Alerted, camera: str, frame: str) -> None:
        """A frame was kept as the snapshot of an alert."""
        with self._changed:
            course = self._courses[alerted.sensor]
            alert = course.tie(alerted.id, camera, frame)
            telling = self._tellings.get(alerted.id)
            if telling is None:
                return
            telling.became(alert or telling.alert.tied(camera, frame))
            self._busy[alerted.id] = telling
            self._written.setdefault(alerted.id, Flag())
            self._states.is_new(alerted.sensor)

    def _keep(self) -> None:
        """Writes what the disk does not have yet."""
        with self._changed:
            unsaved = [one for one in self._busy.values() if not one.saved]
            kept, flags = [one.kept for one in unsaved], self._written
            self._written = {}
        if not kept:
            return
        saved = self._shelf.keep(kept, lambda id: flags[id].set() if id in flags else None)
        with self._changed:
            for one, was in zip(unsaved, kept, strict=True):
                one.saved = saved and one.kept == was

    def _settle(self) -> None:
        """Notes what was confirmed, and lets go of what is too old."""
        with self._changed:
            for id, telling in list(self._busy.items()):
                telling.settle(self._now())
                if telling.done:
                    del self._busy[id]
            old = surplus(self._tellings.values(), self._most)
            for telling in old:
                self.lost += not telling.all_told
                del self._tellings[telling.alert.id]
                self._busy.pop(telling.alert.id, None)
        for telling in old:
            self._shelf.drop(telling.alert.id)

    def _notice_reconnects(self) -> None:
        for who in self._states.reconnected():
            with self._changed:
                for id, telling in self._tellings.items():
                    telling.doubt(who, self._now() - FORGETS_S)
                    if not telling.all_told:
                        self._busy[id] = telling

    def _state(self, sensor: str) -> AlertEvent:
        with self._changed:
            course = self._courses.get(sensor)
            return AlertEvent(self._origin, sensor, course.alert if course else None)

    def _take_up(self) -> None:
        """Goes on with the alerts of an earlier run."""
        for telling in self._busy.values():
            alert = telling.alert
            if not alert.open:
                continue
            if alert.sensor in self._courses and alert is self._courses[alert.sensor].alert:
                cameras = [frame.camera for frame in alert.frames]
                self._alerts.begin(Alerted(alert.id, alert.sensor), cameras)
                last = AnomalyEvent(self._origin, alert, alert.newest.number, again=True)
                self._hook.tell(last.payload())
            else:
                at = datetime.fromtimestamp(self._now(), timezone.utc)
                gone = ended(alert, at, f"{alert.sensor} is judged no more")
                telling.became(gone)
                self._hook.tell(AnomalyEvent(self._origin, gone, gone.newest.number).payload())
                self._states.is_new(alert.sensor)
