"""The kernel's structures in which a camera lists its picture sizes and frame rates.

Written from the public header linux/videodev2.h; names are the kernel's.
"""

import ctypes
from ctypes import c_uint32

from devices.v4l2.abi import Fract, ioctl_number

DISCRETE = 1
"""One value; everything else is a range, with steps or without."""


class SizeSteps(ctypes.Structure):
    """struct v4l2_frmsize_stepwise; a discrete size is its first two fields."""

    min_width: int
    max_width: int
    step_width: int
    min_height: int
    max_height: int
    step_height: int
    _fields_ = tuple(
        (f"{what}_{side}", c_uint32)
        for side in ("width", "height")
        for what in ("min", "max", "step")
    )


class FrameSize(ctypes.Structure):
    """struct v4l2_frmsizeenum: a size, or a range of sizes, of one pixel format."""

    index: int
    type: int
    stepwise: SizeSteps
    _fields_ = (
        ("index", c_uint32),
        ("pixel_format", c_uint32),
        ("type", c_uint32),
        ("stepwise", SizeSteps),
        ("reserved", c_uint32 * 2),
    )


class IntervalSteps(ctypes.Structure):
    """struct v4l2_frmival_stepwise; a discrete interval is its first field."""

    min: Fract
    max: Fract
    step: Fract
    _fields_ = (("min", Fract), ("max", Fract), ("step", Fract))


class FrameInterval(ctypes.Structure):
    """struct v4l2_frmivalenum: a time between frames, or a range of times, at one size."""

    index: int
    type: int
    stepwise: IntervalSteps
    _fields_ = (
        ("index", c_uint32),
        ("pixel_format", c_uint32),
        ("width", c_uint32),
        ("height", c_uint32),
        ("type", c_uint32),
        ("stepwise", IntervalSteps),
        ("reserved", c_uint32 * 2),
    )


ENUM_FRAMESIZES = ioctl_number(3, 74, ctypes.sizeof(FrameSize))
ENUM_FRAMEINTERVALS = ioctl_number(3, 75, ctypes.sizeof(FrameInterval))
