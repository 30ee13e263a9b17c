"""The kernel's own interface to cameras, Video4Linux2: its structures and ioctl numbers.

Written from the public header linux/videodev2.h, for what a camera with one plane and mapped
buffers needs. The layout is that of 64-bit Linux, the same on x86-64 and aarch64. Names are the
kernel's.
"""

import ctypes
from ctypes import c_char, c_long, c_uint8, c_uint32, c_ulong

BUF_TYPE_VIDEO_CAPTURE = 1
MEMORY_MMAP = 1
FIELD_NONE = 1

CAP_VIDEO_CAPTURE = 0x0000_0001
CAP_STREAMING = 0x0400_0000
CAP_DEVICE_CAPS = 0x8000_0000
CAP_TIMEPERFRAME = 0x1000

BUF_FLAG_ERROR = 0x0040
BUF_FLAG_TIMESTAMP_MASK = 0xE000
BUF_FLAG_TIMESTAMP_MONOTONIC = 0x2000


class Capability(ctypes.Structure):
    """struct v4l2_capability: who drives the device and what it can do."""

    card: bytes
    bus_info: bytes
    capabilities: int
    device_caps: int
    _fields_ = (
        ("driver", c_char * 16),
        ("card", c_char * 32),
        ("bus_info", c_char * 32),
        ("version", c_uint32),
        ("capabilities", c_uint32),
        ("device_caps", c_uint32),
        ("reserved", c_uint32 * 3),
    )


class FmtDesc(ctypes.Structure):
    """struct v4l2_fmtdesc: one pixel format that the device offers."""

    pixelformat: int
    _fields_ = (
        ("index", c_uint32),
        ("type", c_uint32),
        ("flags", c_uint32),
        ("description", c_char * 32),
        ("pixelformat", c_uint32),
        ("mbus_code", c_uint32),
        ("reserved", c_uint32 * 3),
    )


class PixFormat(ctypes.Structure):
    """struct v4l2_pix_format: how the pixels lie in a buffer."""

    width: int
    height: int
    pixelformat: int
    bytesperline: int
    _fields_ = (
        ("width", c_uint32),
        ("height", c_uint32),
        ("pixelformat", c_uint32),
        ("field", c_uint32),
        ("bytesperline", c_uint32),
        ("sizeimage", c_uint32),
        ("colorspace", c_uint32),
        ("priv", c_uint32),
        ("flags", c_uint32),
        ("ycbcr_enc", c_uint32),
        ("quantization", c_uint32),
        ("xfer_func", c_uint32),
    )


class _FormatUnion(ctypes.Union):
    # The kernel's union holds a pointer (of an overlay window), which sets its alignment.
    _fields_ = (("pix", PixFormat), ("raw_data", c_uint8 * 200), ("pointer", c_ulong))


class Format(ctypes.Structure):
    """struct v4l2_format; of its union only pix is used here."""

    pix: PixFormat
    _anonymous_ = ("fmt",)
    _fields_ = (("type", c_uint32), ("fmt", _FormatUnion))


class Fract(ctypes.Structure):
    """struct v4l2_fract."""

    numerator: int
    denominator: int
    _fields_ = (("numerator", c_uint32), ("denominator", c_uint32))


class CaptureParm(ctypes.Structure):
    """struct v4l2_captureparm: the frame rate, as seconds per frame."""

    capability: int
    timeperframe: Fract
    _fields_ = (
        ("capability", c_uint32),
        ("capturemode", c_uint32),
        ("timeperframe", Fract),
        ("extendedmode", c_uint32),
        ("readbuffers", c_uint32),
        ("reserved", c_uint32 * 4),
    )


class _ParmUnion(ctypes.Union):
    _fields_ = (("capture", CaptureParm), ("raw_data", c_uint8 * 200))


class StreamParm(ctypes.Structure):
    """struct v4l2_streamparm; of its union only capture is used here."""

    capture: CaptureParm
    _anonymous_ = ("parm",)
    _fields_ = (("type", c_uint32), ("parm", _ParmUnion))


class RequestBuffers(ctypes.Structure):
    """struct v4l2_requestbuffers: how many buffers are wanted, and how many there are."""

    count: int
    _fields_ = (
        ("count", c_uint32),
        ("type", c_uint32),
        ("memory", c_uint32),
        ("capabilities", c_uint32),
        ("flags", c_uint8),
        ("reserved", c_uint8 * 3),
    )


class TimeVal(ctypes.Structure):
    """struct timeval."""

    tv_sec: int
    tv_usec: int
    _fields_ = (("tv_sec", c_long), ("tv_usec", c_long))


class TimeCode(ctypes.Structure):
    """struct v4l2_timecode; not used here, it only takes its place in a buffer."""

    _fields_ = (
        ("type", c_uint32),
        ("flags", c_uint32),
        ("parts", c_uint8 * 4),
        ("userbits", c_uint8 * 4),
    )


class _MemoryUnion(ctypes.Union):
    _fields_ = (("offset", c_uint32), ("userptr", c_ulong))


class Buffer(ctypes.Structure):
    """struct v4l2_buffer: one buffer, empty on its way to the driver and filled on its way back."""

    index: int
    bytesused: int
    flags: int
    timestamp: TimeVal
    sequence: int
    offset: int
    length: int
    _anonymous_ = ("m",)
    _fields_ = (
        ("index", c_uint32),
        ("type", c_uint32),
        ("bytesused", c_uint32),
        ("flags", c_uint32),
        ("field", c_uint32),
        ("timestamp", TimeVal),
        ("timecode", TimeCode),
        ("sequence", c_uint32),
        ("memory", c_uint32),
        ("m", _MemoryUnion),
        ("length", c_uint32),
        ("reserved2", c_uint32),
        ("request_fd", c_uint32),
    )


def ioctl_number(direction: int, number: int, size: int) -> int:
    """An ioctl number of type "V"; direction 1 writes to the kernel, 2 reads from it, 3 both."""
    return direction << 30 | size << 16 | ord("V") << 8 | number


QUERYCAP = ioctl_number(2, 0, ctypes.sizeof(Capability))
ENUM_FMT = ioctl_number(3, 2, ctypes.sizeof(FmtDesc))
S_FMT = ioctl_number(3, 5, ctypes.sizeof(Format))
REQBUFS = ioctl_number(3, 8, ctypes.sizeof(RequestBuffers))
QUERYBUF = ioctl_number(3, 9, ctypes.sizeof(Buffer))
QBUF = ioctl_number(3, 15, ctypes.sizeof(Buffer))
DQBUF = ioctl_number(3, 17, ctypes.sizeof(Buffer))
STREAMON = ioctl_number(1, 18, ctypes.sizeof(ctypes.c_int))
STREAMOFF = ioctl_number(1, 19, ctypes.sizeof(ctypes.c_int))
S_PARM = ioctl_number(3, 22, ctypes.sizeof(StreamParm))
TRY_FMT = ioctl_number(3, 64, ctypes.sizeof(Format))


def fourcc(code: str) -> int:
    """The number of a pixel format by its four letters: fourcc("YUYV")."""
    return int.from_bytes(code.encode("ascii").ljust(4)[:4], "little")


def fourcc_name(number: int) -> str:
    """The four letters of a pixel format, bit 31 (big-endian) left out: "MJPG", "GREY", "Y16 "."""
    return (number & 0x7FFF_FFFF).to_bytes(4, "little").decode("latin-1")
