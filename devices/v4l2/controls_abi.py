"""The kernel's structures and numbers for a camera's controls: exposure, gain, focus and the like.

Written from the public headers linux/videodev2.h and linux/v4l2-controls.h; names are the kernel's.
"""

import ctypes
from ctypes import c_char, c_int32, c_int64, c_uint32, c_uint64, c_ulong

from devices.v4l2.abi import ioctl_number

NEXT_CTRL = 0x8000_0000

FLAG_DISABLED = 0x0001
FLAG_READ_ONLY = 0x0004
FLAG_INACTIVE = 0x0010
FLAG_WRITE_ONLY = 0x0040

TYPE_INTEGER = 1
TYPE_BOOLEAN = 2
TYPE_MENU = 3
TYPE_BUTTON = 4
TYPE_INTEGER64 = 5
TYPE_BITMASK = 8
TYPE_INTEGER_MENU = 9

_USER, _CAMERA, _SENSOR = 0x0098_0900, 0x009A_0900, 0x009E_0900
BRIGHTNESS = _USER + 0
CONTRAST = _USER + 1
SATURATION = _USER + 2
HUE = _USER + 3
AUTO_WHITE_BALANCE = _USER + 12
GAMMA = _USER + 16
EXPOSURE = _USER + 17
AUTOGAIN = _USER + 18
GAIN = _USER + 19
POWER_LINE_FREQUENCY = _USER + 24
HUE_AUTO = _USER + 25
WHITE_BALANCE_TEMPERATURE = _USER + 26
SHARPNESS = _USER + 27
BACKLIGHT_COMPENSATION = _USER + 28
EXPOSURE_AUTO = _CAMERA + 1
EXPOSURE_ABSOLUTE = _CAMERA + 2
PAN_ABSOLUTE = _CAMERA + 8
TILT_ABSOLUTE = _CAMERA + 9
FOCUS_ABSOLUTE = _CAMERA + 10
FOCUS_AUTO = _CAMERA + 12
ZOOM_ABSOLUTE = _CAMERA + 13
IRIS_ABSOLUTE = _CAMERA + 17
ANALOGUE_GAIN = _SENSOR + 3


class QueryExtCtrl(ctypes.Structure):
    """struct v4l2_query_ext_ctrl: a control, its range, and whether it can be set now."""

    id: int
    type: int
    name: bytes
    minimum: int
    maximum: int
    step: int
    default_value: int
    flags: int
    nr_of_dims: int
    _fields_ = (
        ("id", c_uint32),
        ("type", c_uint32),
        ("name", c_char * 32),
        ("minimum", c_int64),
        ("maximum", c_int64),
        ("step", c_uint64),
        ("default_value", c_int64),
        ("flags", c_uint32),
        ("elem_size", c_uint32),
        ("elems", c_uint32),
        ("nr_of_dims", c_uint32),
        ("dims", c_uint32 * 4),
        ("reserved", c_uint32 * 32),
    )


class _MenuUnion(ctypes.Union):
    _pack_ = 1
    _fields_ = (("name", c_char * 32), ("value", c_int64))


class QueryMenu(ctypes.Structure):
    """struct v4l2_querymenu: one entry of a menu; of a menu of integers it is value."""

    name: bytes
    value: int
    _pack_ = 1
    _anonymous_ = ("entry",)
    _fields_ = (
        ("id", c_uint32),
        ("index", c_uint32),
        ("entry", _MenuUnion),
        ("reserved", c_uint32),
    )


class _ValueUnion(ctypes.Union):
    _pack_ = 1
    _fields_ = (("value", c_int32), ("value64", c_int64))


class ExtControl(ctypes.Structure):
    """struct v4l2_ext_control: a control and its value."""

    id: int
    value: int
    value64: int
    _pack_ = 1
    _anonymous_ = ("content",)
    _fields_ = (
        ("id", c_uint32),
        ("size", c_uint32),
        ("reserved2", c_uint32),
        ("content", _ValueUnion),
    )


class ExtControls(ctypes.Structure):
    """struct v4l2_ext_controls: controls that are read or set in one call."""

    controls: int
    _fields_ = (
        ("which", c_uint32),
        ("count", c_uint32),
        ("error_idx", c_uint32),
        ("request_fd", c_int32),
        ("reserved", c_uint32),
        ("controls", c_ulong),
    )


QUERYMENU = ioctl_number(3, 37, ctypes.sizeof(QueryMenu))
G_EXT_CTRLS = ioctl_number(3, 71, ctypes.sizeof(ExtControls))
S_EXT_CTRLS = ioctl_number(3, 72, ctypes.sizeof(ExtControls))
QUERY_EXT_CTRL = ioctl_number(3, 103, ctypes.sizeof(QueryExtCtrl))
