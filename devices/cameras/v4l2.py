"""A camera of the Linux kernel: any webcam or camera module that appears as /dev/video."""

import errno
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta, timezone
from types import TracebackType

from devices import v4l2_abi as v4l2
from devices.board import camera_node
from devices.errors import DeviceLost, DeviceUnavailable, NothingYet
from devices.frame import Frame
from devices.pixels import DECODERS, Damaged, Layout, decode
from devices.settings import CameraSettings
from devices.v4l2_node import V4L2Node

BUFFERS = 4

WHAT_TO_DO = {
    errno.ENOENT: "is not there: plug it in, or set source to one that `vision-app doctor` lists",
    errno.ENODEV: "was unplugged, or its driver failed: plug it in again",
    errno.ENXIO: "was unplugged, or its driver failed: plug it in again",
    errno.EIO: "stopped: its driver reports an input/output error",
    errno.EACCES: "may not be opened: add the user to the group video and log in again",
    errno.EPERM: "may not be opened: add the user to the group video and log in again",
    errno.EBUSY: "is in use by another program: end that one first",
    errno.ENOTTY: "is not a camera",
    errno.EISDIR: "is a folder, not a camera",
}


class Numbering:
    """Frame numbers that only rise, out of the driver's 32-bit ones, which wrap and restart."""

    def __init__(self, first_seq: int) -> None:
        self._number = first_seq - 1
        self._driver: int | None = None

    def next(self, driver_sequence: int) -> tuple[int, int]:
        """(number of this frame, frames that the driver dropped before it)."""
        ahead = 1 if self._driver is None else (driver_sequence - self._driver) & 0xFFFF_FFFF
        step = ahead if 0 < ahead < 1 << 31 else 1
        self._driver = driver_sequence
        self._number += step
        return self._number, step - 1


def captured_s(buffer: v4l2.Buffer, now_s: float) -> float:
    """When a buffer was captured, on the monotonic clock: as the driver says, if that can be so.

    Some drivers use another clock or stamp a moment that is still to come; then it is now_s.
    """
    stamped_s = buffer.timestamp.tv_sec + buffer.timestamp.tv_usec / 1e6
    clock = buffer.flags & v4l2.BUF_FLAG_TIMESTAMP_MASK
    sane = clock == v4l2.BUF_FLAG_TIMESTAMP_MONOTONIC and 0 < stamped_s <= now_s
    return stamped_s if sane else now_s


class V4L2Camera:
    """An open V4L2 camera that always returns its newest frame.

    settings.source is a node (/dev/video0), a link to one (/dev/v4l/by-id/…: the same camera after
    it was plugged in again, whatever its number) or "name:" and the name that the camera has.
    Size and rate are the nearest to the settings that the camera can do; `mode` says which.

    losses: driver_dropped (gaps in the driver's numbering), stale (a newer frame was ready too),
    damaged (empty, marked as wrong by the driver, or not wholly decodable; see devices/pixels.py).
    Each loss takes a frame number, so losses and frames together are the numbers that were used.
    """

    def __init__(
        self,
        settings: CameraSettings,
        first_seq: int = 0,
        formats: Sequence[str] = tuple(DECODERS),
    ) -> None:
        self._name, self._source = settings.name, settings.source
        self._numbering = Numbering(first_seq)
        self._losses: Counter[str] = Counter()
        with ExitStack() as undo, self._translated(DeviceUnavailable):
            self._node = undo.enter_context(V4L2Node(camera_node(settings.source)))
            self._fourcc, self._layout, self._mode = self._negotiate(settings, formats)
            self._node.start(BUFFERS)
            undo.pop_all()

    @property
    def losses(self) -> Mapping[str, int]:
        """Frames lost since opening, by reason."""
        return dict(self._losses)

    @property
    def mode(self) -> str:
        """What was negotiated, for people: "MJPG 1280x720 at 30 fps"."""
        return self._mode

    def read(self, timeout_s: float) -> Frame:
        """The newest frame, or the next one; raises NothingYet, DeviceLost."""
        deadline_s = time.monotonic() + timeout_s
        with self._translated(DeviceLost):
            while self._node.wait(deadline_s - time.monotonic()):
                newest = self._newest()
                frame = self._developed(*newest) if newest else None
                if frame is not None:
                    return frame
        raise NothingYet(f"camera {self._name}: no frame within {timeout_s:g} s")

    def close(self) -> None:
        """Gives the device back, also when it is gone."""
        self._node.close()

    def __enter__(self) -> "V4L2Camera":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _negotiate(
        self, settings: CameraSettings, formats: Sequence[str]
    ) -> tuple[str, Layout, str]:
        """Sets the decodable format that comes nearest to the size, and the rate."""
        node, width, height = self._node, settings.width, settings.height
        if not node.captures():
            raise OSError(errno.ENOTTY, "no video capture")
        offered = node.formats()
        usable = [code for code in formats if code in offered]
        if not usable:
            raise DeviceUnavailable(
                f"camera {self._source} offers only {', '.join(offered) or 'no format'}, "
                f"of which none can be decoded here"
            )

        def distance(code: str) -> int:
            pix = node.try_format(code, width, height)
            return abs(pix.width - width) + abs(pix.height - height)

        code = min(usable, key=distance)
        pix = node.set_format(code, width, height)
        rate = node.set_rate(settings.fps)
        mode = f"{code} {pix.width}x{pix.height}" + (f" at {rate:.4g} fps" if rate else "")
        return code, Layout(pix.width, pix.height, pix.bytesperline), mode

    def _newest(self) -> tuple[v4l2.Buffer, int] | None:
        """Takes all buffers that are ready and gives back all but the newest good one."""
        newest = None
        for _ in range(BUFFERS):
            buffer = self._node.take()
            if buffer is None:
                break
            number, dropped = self._numbering.next(buffer.sequence)
            self._losses.update(driver_dropped=dropped)
            if buffer.flags & v4l2.BUF_FLAG_ERROR or not buffer.bytesused:
                self._lose("damaged", buffer)
                continue
            if newest is not None:
                self._lose("stale", newest[0])
            newest = buffer, number
        return newest

    def _developed(self, buffer: v4l2.Buffer, number: int) -> Frame | None:
        """The frame in a taken buffer, which goes back to the driver; None when it is damaged."""
        now_s, now = time.monotonic(), datetime.now(timezone.utc)
        try:
            pixels = decode(self._fourcc, self._node.bytes_of(buffer), self._layout)
        except Damaged:
            self._lose("damaged", buffer)
            return None
        self._node.give_back(buffer)
        then_s = captured_s(buffer, now_s)
        then = now - timedelta(seconds=now_s - then_s)
        return Frame(pixels, self._name, number, then, then_s)

    def _lose(self, reason: str, buffer: v4l2.Buffer) -> None:
        self._losses[reason] += 1
        self._node.give_back(buffer)

    @contextmanager
    def _translated(self, into: type[DeviceUnavailable | DeviceLost]) -> Iterator[None]:
        """Turns what the kernel says into one sentence."""
        try:
            yield
        except OSError as error:
            number = error.errno or 0
            what = WHAT_TO_DO.get(number, f"failed: {os.strerror(number)}")
            raise into(f"camera {self._source} {what}") from error
