"""One open /dev/video node: the kernel's calls as methods; errors are OSErrors, as it said them."""

import ctypes
import errno
import fcntl
import math
import mmap
import os
import select
from contextlib import suppress
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from devices.closeable import Closeable
from devices.v4l2 import abi as v4l2


class V4L2Node(Closeable):
    """An open node, and its mapped buffers once it streams. `close` may be called twice."""

    def __init__(self, path: str) -> None:
        self._buffers: list[mmap.mmap] = []
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def capability(self) -> v4l2.Capability:
        """Who drives it and what it can do; ENOTTY or EINVAL from what is no V4L2 device at all."""
        capability = v4l2.Capability()
        self.call(v4l2.QUERYCAP, capability)
        return capability

    def captures(self) -> bool:
        """Whether pictures can be streamed from it: a camera's metadata node, for one, has none."""
        capability = self.capability()
        whole = capability.capabilities
        caps = capability.device_caps if whole & v4l2.CAP_DEVICE_CAPS else whole
        needed = v4l2.CAP_VIDEO_CAPTURE | v4l2.CAP_STREAMING
        return caps & needed == needed

    def formats(self) -> tuple[str, ...]:
        """The pixel formats it offers, as four letters each, in the driver's order."""
        found: list[str] = []
        with suppress(OSError):  # EINVAL ends the list
            for index in range(256):
                entry = v4l2.FmtDesc(index=index, type=v4l2.BUF_TYPE_VIDEO_CAPTURE)
                self.call(v4l2.ENUM_FMT, entry)
                found.append(v4l2.fourcc_name(entry.pixelformat))
        return tuple(found)

    def try_format(self, code: str, width: int, height: int) -> v4l2.PixFormat:
        """What the device would make of this wish; nothing is changed."""
        return self._format(v4l2.TRY_FMT, code, width, height)

    def set_format(self, code: str, width: int, height: int) -> v4l2.PixFormat:
        """Sets the nearest that the device can do, and returns it."""
        return self._format(v4l2.S_FMT, code, width, height)

    def set_rate(self, fps: float) -> float | None:
        """Sets the nearest frame rate that the device can do; None where it knows of none."""
        wish = Fraction(1 / fps).limit_denominator(30_000)  # 29.97 is 30000/1001
        parm = v4l2.StreamParm(type=v4l2.BUF_TYPE_VIDEO_CAPTURE)
        parm.capture.timeperframe = v4l2.Fract(wish.numerator, wish.denominator)
        try:
            self.call(v4l2.S_PARM, parm)
        except OSError as error:
            if error.errno in (errno.ENOTTY, errno.EINVAL):
                return None
            raise
        period = parm.capture.timeperframe
        known = parm.capture.capability & v4l2.CAP_TIMEPERFRAME and period.numerator
        return period.denominator / period.numerator if known else None

    def start(self, count: int) -> None:
        """Maps about so many buffers, hands them to the driver and starts the stream."""
        request = v4l2.RequestBuffers(
            count=count, type=v4l2.BUF_TYPE_VIDEO_CAPTURE, memory=v4l2.MEMORY_MMAP
        )
        self.call(v4l2.REQBUFS, request)
        for index in range(request.count):
            buffer = _empty(index)
            self.call(v4l2.QUERYBUF, buffer)
            self._buffers.append(
                mmap.mmap(self._fd, buffer.length, prot=mmap.PROT_READ, offset=buffer.offset)
            )
            self.give_back(buffer)
        self.call(v4l2.STREAMON, ctypes.c_int(v4l2.BUF_TYPE_VIDEO_CAPTURE))

    def wait(self, timeout_s: float) -> bool:
        """Waits until a buffer is filled; false when none was in time.

        Raises OSError when none will come any more: ENODEV after an unplug, EIO when the driver
        gave up.
        """
        if self._fd < 0:
            raise OSError(errno.EBADF, "closed")
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        events = poll.poll(math.ceil(max(0.0, timeout_s) * 1000))
        if events and not events[0][1] & select.POLLIN:
            gone = errno.ENODEV if events[0][1] & select.POLLHUP else errno.EIO
            raise OSError(gone, os.strerror(gone))
        return bool(events)

    def take(self) -> v4l2.Buffer | None:
        """The oldest filled buffer, ours until `give_back`; None when there is none."""
        buffer = _empty(0)
        try:
            self.call(v4l2.DQBUF, buffer)
        except BlockingIOError:
            return None
        return buffer

    def give_back(self, buffer: v4l2.Buffer) -> None:
        """Lets the driver fill it again."""
        self.call(v4l2.QBUF, _empty(buffer.index))

    def bytes_of(self, buffer: v4l2.Buffer) -> NDArray[np.uint8]:
        """What the driver wrote into a taken buffer: read-only, no copy, valid until given back."""
        return np.frombuffer(self._buffers[buffer.index], np.uint8, buffer.bytesused)

    def close(self) -> None:
        """Stops the stream, unmaps the buffers, closes the node; also when the device is gone."""
        fd, self._fd = self._fd, -1
        if fd < 0:
            return
        with suppress(OSError):  # ENODEV after an unplug
            fcntl.ioctl(fd, v4l2.STREAMOFF, ctypes.c_int(v4l2.BUF_TYPE_VIDEO_CAPTURE))
        self._buffers.clear()  # which unmaps them, once nobody looks at their bytes any more
        os.close(fd)

    def _format(self, request: int, code: str, width: int, height: int) -> v4l2.PixFormat:
        wish = v4l2.Format(type=v4l2.BUF_TYPE_VIDEO_CAPTURE)
        wish.pix.width, wish.pix.height = width, height
        wish.pix.pixelformat = v4l2.fourcc(code)
        wish.pix.field = v4l2.FIELD_NONE
        self.call(request, wish)
        return wish.pix

    def call(self, request: int, argument: ctypes.Structure | ctypes.c_int) -> None:
        """One ioctl; the kernel writes its answer into the argument."""
        while True:
            with suppress(InterruptedError):
                fcntl.ioctl(self._fd, request, argument)
                return


def _empty(index: int) -> v4l2.Buffer:
    return v4l2.Buffer(index=index, type=v4l2.BUF_TYPE_VIDEO_CAPTURE, memory=v4l2.MEMORY_MMAP)
