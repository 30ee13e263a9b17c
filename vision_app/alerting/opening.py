"""Builds what alerts need, and takes up those of an earlier run."""

from collections.abc import Mapping

from models.anomaly.stream import AnomalyModel
from uploader.choosing.alerts import Alerts
from vision_app.alerting.acks import Acks
from vision_app.alerting.course import Course
from vision_app.alerting.desk import Desk
from vision_app.alerting.explaining import Explaining
from vision_app.alerting.hook import Hook
from vision_app.alerting.shelf import FOLDER, Shelf
from vision_app.alerting.telling import Telling
from vision_app.events import Origin
from vision_app.publish import Broker, Listener, Publisher
from vision_app.settings import Settings


def open_desk(
    s: Settings,
    models: Mapping[str, AnomalyModel],
    publishers: Mapping[str, Publisher],
    alerts: Alerts,
    hear: Listener,
    hook: Hook,
) -> Desk:
    """The desk for every sensor that has a model."""
    assert s.device.data is not None, "completed by config.complete"
    folder, origin = s.device.data / FOLDER, Origin(s.device.site, s.device.name)
    shelf, acks = Shelf(folder), Acks(folder)
    found = [Telling(kept, publishers) for kept in shelf.load()]
    newest = {telling.alert.sensor: telling.alert for telling in found}
    units = {sensor.name: sensor.units for sensor in s.sensor}
    courses = {
        name: Course(name, rules, _explaining(models[name], units[name]), newest.get(name))
        for name, rules in s.alert_rules.items()
    }
    if s.alert.ack_by_mqtt:
        for publisher in publishers.values():
            if isinstance(publisher, Broker):
                publisher.listen(f"{origin.topic}/alerts/ack", acks.hear)
    return Desk(courses, shelf, found, acks, publishers, origin, alerts, hear, hook)


def _explaining(model: AnomalyModel, units: Mapping[str, str]) -> Explaining:
    return Explaining({**model.manifest.units, **units}, model.usual)
