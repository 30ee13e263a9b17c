"""One alert and all that happened to it, as it lies on the disk and as others are told of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from devices.settings import Name

State = Literal["raised", "updated", "acknowledged", "cleared"]
Severity = Literal["warning", "critical"]

FROZEN = ConfigDict(frozen=True, extra="forbid")


class Push(BaseModel):
    """How much one signal pushes the score.

    share: of the strangeness, 0..1. value: the newest, in unit; none when the reading lacks it.
    usual, deviations: where it lay in training, and by how many usual deviations it is off that.
    """

    model_config = FROZEN

    signal: str
    share: float
    value: float | None = None
    unit: str = ""
    usual: float | None = None
    deviations: float | None = None


class Change(BaseModel):
    """What happened to an alert. number: from 1. text: the same for people."""

    model_config = FROZEN

    number: Annotated[int, Field(ge=1)]
    state: State
    at: AwareDatetime
    severity: Severity
    score: float
    threshold: float
    signals: tuple[Push, ...]
    values: Mapping[str, float]
    text: str


class TiedFrame(BaseModel):
    """A kept frame that shows what a camera saw of an alert; id: that of its record."""

    model_config = FROZEN

    camera: Name
    id: str


class Alert(BaseModel):
    """From its raising to its clearing. id: a UUID version 7 that never changes."""

    model_config = FROZEN

    id: str
    sensor: Name
    changes: Annotated[tuple[Change, ...], Field(min_length=1)]
    frames: tuple[TiedFrame, ...] = ()

    @property
    def newest(self) -> Change:
        """What happened last."""
        return self.changes[-1]

    @property
    def open(self) -> bool:
        """Whether it is not cleared."""
        return self.newest.state != "cleared"

    @property
    def raised_at(self) -> datetime:
        """The time of the reading that raised it."""
        return self.changes[0].at

    def when(self, state: State, until: int | None = None) -> datetime | None:
        """When it got into that state first, seen after so many changes; None while it did not."""
        return next((each.at for each in self.changes[:until] if each.state == state), None)

    def changed(self, change: Change) -> "Alert":
        """The alert with one change more."""
        return self.model_copy(update={"changes": (*self.changes, change)})

    def tied(self, camera: str, frame: str) -> "Alert":
        """The alert with one frame more."""
        frames = (*self.frames, TiedFrame(camera=camera, id=frame))
        return self.model_copy(update={"frames": frames})
