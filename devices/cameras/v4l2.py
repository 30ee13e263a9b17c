"""A camera of the Linux kernel: any webcam or camera module that appears as /dev/video."""

import errno
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from devices.closeable import Closeable
from devices.errors import DeviceLost, DeviceUnavailable, NothingYet
from devices.frame import Frame
from devices.pixels import Damaged, Layout, decode
from devices.settings import CameraSettings
from devices.v4l2 import abi as v4l2
from devices.v4l2.choice import CODINGS, Choice, Mode, choose, difference
from devices.v4l2.control_calls import apply
from devices.v4l2.finding import camera_node
from devices.v4l2.node import V4L2Node
from devices.v4l2.offers import offers
from devices.v4l2.timing import Moments, Numbering

BUFFERS = 4

WHAT_TO_DO = {
    errno.ENOENT: "is not there: plug it in, or set source to one that `vision-app doctor` lists",
    errno.ENODEV: "was unplugged, or its driver failed: plug it in again",
    errno.ENXIO: "was unplugged, or its driver failed: plug it in again",
    errno.EIO: "stopped: its driver reports an input/output error",
    errno.EACCES: "may not be opened: add the user to the group video and log in again",
    errno.EPERM: "may not be opened: add the user to the group video and log in again",
    errno.ENOSPC: 'has no room on its USB line: set format = "MJPG", a smaller size or rate, '
    "or plug it into another port",
    errno.EBUSY: "is in use by another program: end that one first",
    errno.ENOTTY: "is not a camera; if a program feeds it, start that one",
    errno.EISDIR: "is a folder, not a camera",
}


class Taken(NamedTuple):
    """A filled buffer that is ours: its frame's number, and when that was captured."""

    buffer: v4l2.Buffer
    number: int
    captured_at: datetime
    captured_s: float


class V4L2Camera(Closeable):
    """An open V4L2 camera that always returns its newest frame.

    settings.source: see devices/v4l2/finding.py. Format, size and rate are the nearest to the
    settings that the camera can do (devices/v4l2/choice.py); `mode` says which, and `notes` what
    else was asked for. Controls are set before the stream starts; `faults` are those that could not
    be.

    What it holds is one buffer as the driver filled it; the others stay with the driver.

    losses: driver_dropped (gaps in the driver's numbering), stale (a newer frame came before it was
    read), damaged (empty, marked as wrong by the driver, or not wholly decodable; see
    devices/pixels.py).
    Each loss takes a frame number, so losses and frames together are the numbers that were used.
    """

    def __init__(
        self,
        settings: CameraSettings,
        first_seq: int = 0,
        formats: Sequence[str] = tuple(CODINGS),
    ) -> None:
        self._name, self._source = settings.name, settings.source
        self._numbering = Numbering(first_seq)
        self._losses: Counter[str] = Counter()
        self._held: Taken | None = None
        with ExitStack() as undo, self._translated(DeviceUnavailable):
            self._node = undo.enter_context(V4L2Node(camera_node(settings.source)))
            self._set_up(settings, formats)
            self.faults = apply(self._node, settings.controls)
            self._moments = Moments(time.monotonic())
            self._node.start(BUFFERS)
            undo.pop_all()

    @property
    def losses(self) -> Mapping[str, int]:
        """Frames lost since opening, by reason."""
        return dict(self._losses)

    @property
    def mode(self) -> str:
        """What was negotiated, for people: "MJPG 1280x720 at 30 fps"."""
        return f"{self._got.code.strip()} {self._got.mode}"

    def read(self, timeout_s: float) -> Frame:
        """The frame that is held, or the next one; raises NothingYet, DeviceLost."""
        deadline_s = time.monotonic() + timeout_s
        with self._translated(DeviceLost):
            while self._held or self._next_held(deadline_s):
                frame = self._developed()
                if frame is not None:
                    return frame
        raise NothingYet(f"camera {self._name}: no frame within {timeout_s:g} s")

    def hold(self, timeout_s: float) -> None:
        """Waits for the next frame and holds it for `read`; raises NothingYet, DeviceLost."""
        with self._translated(DeviceLost):
            if not self._next_held(time.monotonic() + timeout_s):
                raise NothingYet(f"camera {self._name}: no frame within {timeout_s:g} s")

    def close(self) -> None:
        """Gives the device back, also when it is gone."""
        self._held = None
        self._node.close()

    def _set_up(self, settings: CameraSettings, formats: Sequence[str]) -> None:
        """Sets the best format, size and rate that the camera has."""
        if not self._node.captures():
            raise OSError(errno.ENOTTY, "no video capture")
        asked = Mode(settings.width, settings.height, settings.fps)
        offered = offers(self._node, self._usable(formats), asked)
        named = [one for one in offered if settings.format in (None, one.code)]
        choice = choose(named, asked)
        if choice is None:
            listed = ", ".join(dict.fromkeys(one.code.strip() for one in offered))
            raise DeviceUnavailable(
                f"camera {self._source} does not offer {settings.format}: set format to one of "
                f"{listed}, or leave it out"
            )
        self._ask_for(choice, settings.fps)
        note = difference(asked, self._got, offered)
        self.notes = (note,) if note else ()

    def _usable(self, formats: Sequence[str]) -> tuple[str, ...]:
        offered = self._node.formats()
        usable = tuple(dict.fromkeys(code for code in offered if code in formats))
        if not usable:
            raise DeviceUnavailable(
                f"camera {self._source} offers only {', '.join(offered) or 'no format'}, "
                f"of which none can be decoded here"
            )
        return usable

    def _ask_for(self, choice: Choice, fps: float) -> None:
        """The driver may still give another size or rate than it listed."""
        wish = choice.mode
        pix = self._node.set_format(choice.code, wish.width, wish.height)
        rate = self._node.set_rate(wish.fps or fps)
        self._fourcc = choice.code
        self._layout = Layout(pix.width, pix.height, pix.bytesperline)
        self._got = Choice(choice.code, Mode(pix.width, pix.height, rate))

    def _next_held(self, deadline_s: float) -> bool:
        """Whether a good frame came in time; it is held now."""
        while self._node.wait(deadline_s - time.monotonic()):
            if self._take_newest():
                return True
        return False

    def _take_newest(self) -> bool:
        """Takes all buffers that are ready, holds the newest good one and gives all others back."""
        before = self._held
        for _ in range(BUFFERS):
            buffer = self._node.take()
            if buffer is None:
                break
            number, dropped = self._numbering.next(buffer.sequence)
            self._losses.update(driver_dropped=dropped)
            if buffer.flags & v4l2.BUF_FLAG_ERROR or not buffer.bytesused:
                self._lose("damaged", buffer)
                continue
            if self._held is not None:
                self._lose("stale", self._held.buffer)
            self._held = self._stamped(buffer, number)
        return self._held is not before

    def _stamped(self, buffer: v4l2.Buffer, number: int) -> Taken:
        now_s, now = time.monotonic(), datetime.now(timezone.utc)
        then_s = self._moments.of(buffer, now_s)
        return Taken(buffer, number, now - timedelta(seconds=now_s - then_s), then_s)

    def _developed(self) -> Frame | None:
        """The frame that is held, whose buffer goes back to the driver; None when it is damaged."""
        assert self._held is not None
        taken, self._held = self._held, None
        try:
            pixels = decode(self._fourcc, self._node.bytes_of(taken.buffer), self._layout)
        except Damaged:
            self._lose("damaged", taken.buffer)
            return None
        self._node.give_back(taken.buffer)
        return Frame(pixels, self._name, taken.number, taken.captured_at, taken.captured_s)

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
