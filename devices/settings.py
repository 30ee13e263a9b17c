"""What the configuration says of cameras."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from devices.pipelines.words import words_of
from devices.v4l2.choice import CODINGS, OTHER_NAMES

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
"""A name that is safe in a topic, an object key and a file name."""

ControlValue = bool | int | str
"""What a control of a camera can be set to."""

STREAM_PORTS: Mapping[str, int] = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
"""Schemes of the streams that can be played, and the port where none is written."""


class CameraSettings(BaseModel):
    """One `[[camera]]` block."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    kind: Literal["v4l2", "file", "stream", "picamera2", "gstreamer", "generated"] = "v4l2"
    source: str = "/dev/video0"
    """v4l2: a device node, a /dev/v4l/by-id or by-path link, "name:" and what the camera calls
    itself, or "serial:" and its USB serial number.
    file: a video, an image, or a folder of either.
    stream: rtsp://, rtsps://, http:// or https://, without user and password.
    picamera2: a number, a model or an id, as `rpicam-hello --list-cameras` shows them.
    gstreamer: a pipeline without a sink, as for gst-launch-1.0."""
    username: str | None = None
    """stream: who we are to the camera."""
    password_file: Path | None = None
    """stream: a file whose first line is the password; it never stands in the configuration."""
    width: Annotated[int, Field(ge=16, le=16384)] = 1280
    height: Annotated[int, Field(ge=16, le=16384)] = 720
    fps: Annotated[float, Field(gt=0, le=1000)] = 15.0
    format: str | None = None
    """v4l2: the pixel format, four letters ("MJPG"); default: what reaches size and rate best."""
    controls: Mapping[str, ControlValue] = {}
    """v4l2, picamera2: exposure, gain, white_balance and so on, set at each opening."""
    max_fps: Annotated[float, Field(gt=0, le=1000)] | None = None
    """So many frames a second are masked and classified at most; what comes faster is counted as
    over_rate. Default: fps, where a device delivers more than it was asked for."""
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

    @field_validator("format")
    @classmethod
    def _known_format(cls, format: str | None) -> str | None:
        if format is None:
            return None
        code = OTHER_NAMES.get(format.upper(), format.upper())
        if code not in CODINGS:
            known = ", ".join(map(str.strip, CODINGS))
            raise ValueError(f"{format} cannot be decoded here; write one of {known}")
        return code

    @field_validator("controls", mode="before")
    @classmethod
    def _plain_controls(cls, controls: object) -> object:
        for name, value in controls.items() if isinstance(controls, Mapping) else ():
            if not isinstance(value, bool | int | str):
                raise ValueError(f"{name} takes true, false, a whole number or a text")
        return controls

    @model_validator(mode="after")
    def _source_fits_kind(self) -> "CameraSettings":
        """No sentence of these shows the source, which may hold a password."""
        if self.kind == "gstreamer":
            words_of(self.source)
            return self
        scheme, mark, _ = self.source.partition("://")
        if self.kind != "stream":
            if mark and scheme.lower() in STREAM_PORTS:
                raise ValueError(f'source is an address: with {scheme}://, kind must be "stream"')
            return self
        if not mark or scheme not in STREAM_PORTS:
            known = ", ".join(f"{one}://" for one in STREAM_PORTS)
            raise ValueError(f"source of a stream must begin with one of {known}")
        _check_address(self.source)
        if (self.username is None) != (self.password_file is None):
            raise ValueError("username and password_file belong together: name both or neither")
        return self


def _check_address(source: str) -> None:
    if "@" in source.split("://", 1)[1].split("/", 1)[0]:
        raise ValueError(
            "source must not hold a user or a password: write them as username and password_file"
        )
    try:
        parts = urlsplit(source)
        whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole or any(sign.isspace() or not sign.isprintable() for sign in source):
        raise ValueError("source must be a whole address, such as rtsp://192.168.1.20:554/stream1")
