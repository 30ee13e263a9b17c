"""What the configuration says of alerts, of all sensors and of one."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from devices.alert_settings import OwnAlertSettings, Seconds, Share, Times
from devices.settings import Name
from models.anomaly.alarm import AFTER, CLEAR_AFTER

FROZEN = ConfigDict(frozen=True, extra="forbid")


class RulesOfAlerts(BaseModel):
    """When scores become an alert, how bad it is, and what cameras are to do about it."""

    model_config = FROZEN

    after: Times = AFTER
    """Raised after this many anomalous readings in a row …"""
    after_s: Seconds = 0.0
    """… that lie over so many seconds, by their own times."""
    clear_after: Times = CLEAR_AFTER
    """Cleared after this many calm readings in a row …"""
    clear_after_s: Seconds = 0.0
    """… that lie over so many seconds."""
    critical_from: Share = 0.9
    """Critical once `after` readings in a row are so far on the way from the threshold to 1, which
    no score exceeds; 1: never by this."""
    critical_after_s: Seconds = 900.0
    """Critical once it has stood for so long and is not calm; inf: never by this."""
    cameras: tuple[Name, ...] = ()
    """Policies of kind sensor count for these only, and each keeps one frame of every alert. None
    named: they count for all cameras, and no frame is kept for the alert itself."""
    sampling_s: Seconds = 30.0
    """So long after it was cleared an alert still counts for policies of kind sensor."""


class AlertSettings(RulesOfAlerts):
    """The `[alert]` block."""

    hook: tuple[str, ...] = ()
    """A program and its arguments, run at each change of an alert, which it reads as JSON."""
    hook_timeout_s: Annotated[float, Field(gt=0, le=600)] = 10.0
    """It is ended when it takes longer."""
    ack_by_mqtt: bool = False
    """Alerts may be acknowledged over [publish.mqtt], by whoever may publish there."""

    @field_validator("hook")
    @classmethod
    def _is_a_path(cls, hook: tuple[str, ...]) -> tuple[str, ...]:
        if hook and not Path(hook[0]).is_absolute():
            raise ValueError("its first word must be the whole path of a program: it has no shell")
        return hook


def rules_for(all: AlertSettings, own: OwnAlertSettings | None) -> RulesOfAlerts:
    """The rules of one sensor."""
    said = own.model_dump(exclude_none=True) if own else {}
    return all.model_copy(update=said)
