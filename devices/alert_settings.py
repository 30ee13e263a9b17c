"""What a sensor's block may say of its alerts; what an alert is: vision_app/alerting."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from devices.settings import Name

Times = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class OwnAlertSettings(BaseModel):
    """The `[sensor.alert]` block: what of it is otherwise for this sensor."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    after: Times | None = None
    after_s: Seconds | None = None
    clear_after: Times | None = None
    clear_after_s: Seconds | None = None
    critical_from: Share | None = None
    critical_after_s: Seconds | None = None
    cameras: tuple[Name, ...] | None = None
    sampling_s: Seconds | None = None
