"""Reads a stream without pause, in a thread of its own, and keeps its newest picture only."""

import os
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Condition, Thread, main_thread

import cv2
import numpy as np
from numpy.typing import NDArray

from devices.errors import DeviceLost, DeviceUnavailable, NothingYet
from devices.files.quiet_decoders import hush_decoders
from devices.streams.address import Address
from devices.streams.knock import KNOCK_S, why_not
from devices.streams.pace import Pace
from devices.streams.timeline import Timeline

OPEN_S = 2.5
SILENT_S = 2.0
FIRST_PICTURE_S = 5.0
"""A decoder can begin only at a picture that stands alone, which some cameras send rarely."""
SLACK_S = 0.25
AS_IT_CAME = -1
OPTIONS = "rtsp_transport;tcp|allowed_media_types;video|analyzeduration;500000"


@dataclass(frozen=True, slots=True)
class Form:
    """What comes: codec as four letters, width and height in pixels; fps 0 where it is not told."""

    codec: str
    width: int
    height: int
    fps: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Arrival:
    """data: uint8; a whole JPEG, flat, where the codec is MJPG, else BGR (height, width, 3)."""

    number: int
    data: NDArray[np.uint8]
    captured_s: float


class Inflow:
    """One connection, from its beginning to its end; it is not taken up again.

    Whoever waits here waits no longer than he says, whatever the network does: only the thread
    hangs with it, and FFmpeg's own timeouts end that. Python waits for the thread before it ends
    (a thread that came back from C++ later would abort the process), so the thread sees to it that
    it ends with the program.
    """

    def __init__(self, address: Address, fps: float, first_seq: int) -> None:
        self._address, self._number = address, first_seq
        self._open_s, self._silent_s = OPEN_S + 2 / fps, SILENT_S + 2 / fps
        self._pace, self._timeline = Pace(fps), Timeline()
        self._changed = Condition()
        self._form: Form | None = None
        self._newest: Arrival | None = None
        self._losses: Counter[str] = Counter()
        self._problem = ""
        self._closed = False
        self._heard_s = 0.0
        hush_decoders()
        os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", OPTIONS)
        os.environ.setdefault("OPENCV_FFMPEG_IS_THREAD_SAFE", "1")  # or a dead camera holds up all
        Thread(target=self._run, name=f"stream {address}", daemon=False).start()

    @property
    def losses(self) -> Mapping[str, int]:
        """Pictures that nobody got, by reason."""
        with self._changed:
            return dict(self._losses)

    def lose(self, reason: str) -> None:
        """Counts one that was got in vain."""
        with self._changed:
            self._losses[reason] += 1

    def opened(self) -> Form:
        """Waits until it is known what comes. Raises DeviceUnavailable."""
        limit_s = self._open_s + KNOCK_S + SLACK_S
        with self._changed:
            self._changed.wait_for(lambda: self._form or self._problem, limit_s)
            if self._form is None:
                raise DeviceUnavailable(self._problem or self._no_answer())
            return self._form

    def newest(self, timeout_s: float) -> Arrival:
        """The newest picture that was not got yet, or the next. Raises NothingYet, DeviceLost."""
        with self._changed:
            self._changed.wait_for(lambda: self._newest or self._problem, timeout_s)
            arrival, self._newest = self._newest, None
            if arrival is not None:
                return arrival
            if self._problem:
                raise DeviceLost(self._problem)
            if time.monotonic() - self._heard_s > self._silent_s:
                raise DeviceLost(
                    f"{self._address} sent nothing for {self._silent_s:.2g} s: look at the network "
                    "and at the camera; if it is meant to be so slow, set fps to its rate"
                )
            raise NothingYet(f"{self._address} sent no picture within {timeout_s:g} s")

    def close(self) -> None:
        """Returns at once; the connection ends with the next picture, or with its timeout."""
        with self._changed:
            self._closed = True
            self._end(f"{self._address} is closed: open it again")

    def _run(self) -> None:
        begin_s = time.monotonic()
        stream = self._connected()
        try:
            if not stream.isOpened():
                timed_out = time.monotonic() - begin_s >= self._open_s
                said = (
                    self._no_answer() if timed_out else f"{self._address} {why_not(self._address)}"
                )
                self._end(said)
                return
            form = self._begin(stream)
            while not self._over and stream.grab():
                self._take(stream, form)
        except cv2.error as error:
            self._end(f"{self._address} sends what OpenCV cannot decode: {error.err}")
        finally:
            stream.release()
            self._end(f"{self._address} ended the stream, or the network did")

    @property
    def _over(self) -> bool:
        return self._closed or not main_thread().is_alive()

    def _connected(self) -> cv2.VideoCapture:
        """One decoding thread: several would each keep back a picture."""
        read_s = max(FIRST_PICTURE_S, self._silent_s)
        limits = {
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC: self._open_s * 1000,
            cv2.CAP_PROP_READ_TIMEOUT_MSEC: read_s * 1000,
            cv2.CAP_PROP_N_THREADS: 1,
        }
        flat = [int(value) for pair in limits.items() for value in pair]
        return cv2.VideoCapture(self._address.whole, cv2.CAP_FFMPEG, flat)

    def _begin(self, stream: cv2.VideoCapture) -> Form:
        code = int(stream.get(cv2.CAP_PROP_FOURCC)) & 0xFFFF_FFFF
        codec = code.to_bytes(4, "little").decode("ascii", "replace").strip("\0 ").upper()
        if codec == "MJPG":
            stream.set(cv2.CAP_PROP_FORMAT, AS_IT_CAME)
        width, height = (
            int(stream.get(key)) for key in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
        )
        form = Form(codec, width, height, stream.get(cv2.CAP_PROP_FPS) * self._stamped)
        with self._changed:
            self._form = form
            self._heard_s = time.monotonic() + max(0.0, FIRST_PICTURE_S - self._silent_s)
            self._changed.notify_all()
        return form

    @property
    def _stamped(self) -> bool:
        """Over HTTP, FFmpeg invents the stamps of pictures and their rate."""
        return self._address.scheme.startswith("rtsp")

    def _take(self, stream: cv2.VideoCapture, form: Form) -> None:
        """Numbers the picture that was read, and keeps it if it is wanted."""
        arrived_s = time.monotonic()
        stamp_s = stream.get(cv2.CAP_PROP_POS_MSEC) / 1000 if self._stamped else arrived_s
        captured_s = self._timeline.captured_s(stamp_s, arrived_s)
        number, self._number = self._number, self._number + 1
        wanted = self._pace.wants(stamp_s)
        whole, picture = stream.retrieve() if wanted else (False, None)
        with self._changed:
            self._heard_s = arrived_s
            if not whole or picture is None:
                self._losses["damaged" if wanted else "surplus"] += 1
                return
            self._losses["stale"] += self._newest is not None
            self._newest = Arrival(number, np.asarray(picture, np.uint8), captured_s)
            self._changed.notify_all()

    def _no_answer(self) -> str:
        return (
            f"{self._address} does not answer within {self._open_s:.2g} s: "
            "look at the network and at the camera"
        )

    def _end(self, problem: str) -> None:
        """The first problem counts."""
        with self._changed:
            self._problem = self._problem or problem
            self._changed.notify_all()
