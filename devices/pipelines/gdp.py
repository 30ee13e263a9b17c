"""The packets in which GStreamer's gdppay sends pictures over a pipe: size, format, time, pixels.

Each packet is a header of 62 bytes with a checksum, and what it announces. Of the ways in which
GStreamer writes frames to a pipe, it is the one that says of each what it is: a reader that lost
its place notices, instead of showing skewed pictures in which nobody would find a face.
"""

import re
from binascii import crc_hqx
from collections.abc import Mapping
from dataclasses import dataclass
from struct import Struct

from devices.errors import DeviceError
from devices.pixels import MAX_SIDE, Layout

HEADER = Struct(">BBBxHIQQQQHQ6xHH")
BUFFER, CAPS = 1, 2
NONE = (1 << 64) - 1
NANOSECONDS = 1_000_000_000
_SUMMED = HEADER.size - 4
_FIELD = re.compile(r"(format|width|height|framerate)=\([a-z]+\)([\w/]+)")

FOURCCS: Mapping[str, str] = {
    "NV12": "NV12",
    "NV21": "NV21",
    "I420": "YU12",
    "YV12": "YV12",
    "YUY2": "YUYV",
    "UYVY": "UYVY",
    "YVYU": "YVYU",
    "BGR": "BGR3",
}
"""GStreamer's formats that we take, by their names in devices/pixels.py."""
_LINE_BYTES = {"YUY2": 2, "UYVY": 2, "YVYU": 2, "BGR": 3}
_HALF_AGAIN = frozenset({"NV12", "NV21", "I420", "YV12"})


class Misread(DeviceError):
    """What came is not what gdppay writes, or not a picture that was asked for."""


@dataclass(frozen=True, slots=True)
class Packet:
    """What comes next. pts_s: time of the frame, if it has one; number: of the frame, likewise."""

    kind: int
    length: int
    pts_s: float | None
    number: int | None


@dataclass(frozen=True, slots=True)
class Form:
    """format: GStreamer's name; fps 0 where it varies."""

    format: str
    width: int
    height: int
    fps: float

    @property
    def layout(self) -> Layout:
        """Size, and bytes of a line: GStreamer begins each at a multiple of four."""
        line_bytes = self.width * _LINE_BYTES.get(self.format, 1)
        return Layout(self.width, self.height, (line_bytes + 3) // 4 * 4)

    @property
    def frame_bytes(self) -> int:
        """How long a whole frame is."""
        whole = self.layout.line_bytes * self.height
        return whole * 3 // 2 if self.format in _HALF_AGAIN else whole


def packet(header: bytes) -> Packet:
    """Raises Misread."""
    fields = HEADER.unpack(header)
    major, kind, length = fields[0], fields[3], fields[4]
    pts, number, after = fields[5], fields[7], fields[8]
    if major != 1 or fields[11] != crc_hqx(header[:_SUMMED], 0xFFFF) ^ 0xFFFF:
        raise Misread("sent something between its frames that is none: take it out of source")
    counted = number != NONE and after == number + 1
    return Packet(
        kind, length, None if pts == NONE else pts / NANOSECONDS, number if counted else None
    )


def form(caps: bytes) -> Form:
    """What the frames from now on are. Raises Misread."""
    told = dict(_FIELD.findall(caps.decode("ascii", "replace")))
    try:
        above, _, below = told.get("framerate", "0/1").partition("/")
        made = Form(
            told["format"], int(told["width"]), int(told["height"]), int(above) / int(below)
        )
    except (KeyError, ValueError, ZeroDivisionError):
        raise Misread("does not say what its frames are") from None
    if made.format not in FOURCCS or not 0 < min(made.width, made.height) <= MAX_SIDE:
        raise Misread(f"sends {made.format} {made.width}x{made.height}, which is not read here")
    return made
