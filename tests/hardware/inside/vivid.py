"""The kernel's own test camera, vivid: its faults are switched through V4L2 controls."""

import ctypes
import fcntl
import os
from ctypes import c_char, c_int32, c_uint32
from pathlib import Path

NODE = "/dev/video0"
DRIVER = Path("/sys/bus/platform/drivers/vivid")

QUERYCTRL, S_CTRL = 0xC0445624, 0xC008561C
NEXT_CTRL = 0x8000_0000


class _Query(ctypes.Structure):
    id: int
    name: bytes
    _fields_ = (
        ("id", c_uint32),
        ("type", c_uint32),
        ("name", c_char * 32),
        ("range", c_int32 * 4),
        ("flags", c_uint32),
        ("reserved", c_uint32 * 2),
    )


class _Control(ctypes.Structure):
    _fields_ = (("id", c_uint32), ("value", c_int32))


def control(name: str, value: int = 1) -> None:
    """Sets a control by the name that the driver gives it; buttons take any value."""
    fd = os.open(NODE, os.O_RDWR | os.O_NONBLOCK)
    try:
        fcntl.ioctl(fd, S_CTRL, _Control(_id(fd, name), value))
    finally:
        os.close(fd)


def unbind() -> None:
    """Takes the device away, as an unplug would."""
    (DRIVER / "unbind").write_text("vivid.0")


def bind() -> None:
    """Brings the device back."""
    (DRIVER / "bind").write_text("vivid.0")


def _id(fd: int, name: str) -> int:
    query = _Query(id=NEXT_CTRL)
    while query.name.decode() != name:
        query.id |= NEXT_CTRL
        fcntl.ioctl(fd, QUERYCTRL, query)
    return query.id
