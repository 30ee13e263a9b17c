"""What the configuration says of cameras and sensors."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
"""A name that is safe in a topic, an object key and a file name."""


class CameraSettings(BaseModel):
    """One `[[camera]]` block."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    kind: Literal["v4l2", "file", "generated"] = "v4l2"
    source: str = "/dev/video0"
    """v4l2: a device node, a /dev/v4l/by-id path, or "name:" and what the camera calls itself.
    file: a video, an image, or a folder of either."""
    width: Annotated[int, Field(ge=16, le=16384)] = 1280
    height: Annotated[int, Field(ge=16, le=16384)] = 720
    fps: Annotated[float, Field(gt=0, le=1000)] = 15.0
    loop: bool = False
    """file: begin again at the end."""
    paced: bool = True
    """file: at its own rate (fps for images); false reads as fast as the pipeline takes frames."""
    seed: int = 7
    """generated: the same seed renders the same footage."""
    portrait: Path | None = None
    """generated: a picture of a person who walks through the footage."""
    exempt: Annotated[str, StringConstraints(strip_whitespace=True, min_length=10)] | None = None
    """Why this camera needs no masking; goes into every record. There is no other switch."""


class SensorSettings(BaseModel):
    """One `[[sensor]]` block."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    kind: Literal["csv"] = "csv"
    source: Path
    """csv: a file whose first row names its columns."""
    time_column: str = "time"
    """csv: RFC 3339 or seconds since 1970."""
    separator: Annotated[str, Field(min_length=1, max_length=1)] = ","
    signals: tuple[str, ...] = ()
    """Columns to read; empty takes every column except the time."""
    speed: Annotated[float, Field(ge=0)] = 1.0
    """csv: 1 replays at its own pace, 60 a minute per second, 0 as fast as possible."""
    loop: bool = False
    model: str | None = None
    """Path of a bundle made by `vision-app anomaly fit`, or the name of one that is built in.
    Without it readings are kept but not judged."""

    @model_validator(mode="after")
    def _time_is_no_signal(self) -> "SensorSettings":
        if self.time_column in self.signals:
            raise ValueError(f"signals must not name the time column {self.time_column!r}")
        return self
