"""A camera of a Raspberry Pi, through libcamera and the library for it, picamera2.

picamera2 and libcamera come with Raspberry Pi OS, not from PyPI. Of picamera2's ways to get a frame
this takes the callback: a capture that waits cannot be called off, and the next frame would go to
it, to be lost with its buffer.
"""

import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from importlib import import_module
from threading import Condition
from typing import Any, NamedTuple

from devices.closeable import Closeable
from devices.errors import DeviceLost, DeviceUnavailable, NothingYet
from devices.frame import Frame
from devices.libcamera_controls import plan
from devices.settings import CameraSettings
from devices.v4l2.timing import Numbering

BUFFERS = 4
SILENT_S = 1.5
FIRST_FRAME_S = 5.0
MAX_AGE_S = 60.0
BGR = "RGB888"
"""So libcamera calls what lies in memory as blue, green, red."""
FIRST = ("", "/dev/video0")
"""What source is where nobody wrote one."""
PACKAGE = "python3-picamera2"
INSTALL = (
    f"needs the package picamera2: sudo apt install {PACKAGE}, and an environment that sees it: "
    "python3 -m venv --system-site-packages"
)


class Taken(NamedTuple):
    """A frame that lies in a buffer of the camera until its request is released."""

    request: Any
    number: int


class Picamera2Camera(Closeable):
    """settings.source is a camera's number, its model ("imx708") or its id; default: the first.

    Size and rate are the nearest to the settings that the camera can do; `mode` says which, and
    `notes` what is otherwise than asked. Frames are as old as the sensor says.

    losses: driver_dropped (gaps in the numbers of the frames: no buffer was free, or a frame came
    broken), stale (a newer one came before it was fetched). Each takes a frame number.
    """

    def __init__(self, settings: CameraSettings, first_seq: int = 0) -> None:
        self._name, self._source = settings.name, settings.source
        self._numbering, self._losses = Numbering(first_seq), Counter[str]()
        self._changed = Condition()
        self._newest: Taken | None = None
        self._held_number = -1
        self._closed = False
        self._captured_s = 0.0
        self._device = self._opened()
        try:
            self._mode = self._start(settings)
        except (RuntimeError, OSError) as error:
            self.close()
            raise DeviceUnavailable(self._sentence(f"cannot be started: {_root(error)}")) from error
        except DeviceUnavailable:
            self.close()
            raise
        self._silent_s = SILENT_S + 2 / settings.fps
        self._heard_s = time.monotonic() + FIRST_FRAME_S - self._silent_s

    @property
    def losses(self) -> Mapping[str, int]:
        """Frames lost since opening, by reason."""
        with self._changed:
            return dict(self._losses)

    @property
    def mode(self) -> str:
        """What was negotiated, for people: "imx708 1280x720 at 30 fps"."""
        return self._mode

    def read(self, timeout_s: float) -> Frame:
        """The newest frame, or the next one; raises NothingYet, DeviceLost."""
        with self._changed:
            taken, self._newest = self._after(-1, timeout_s), None
        return self._developed(taken)

    def hold(self, timeout_s: float) -> None:
        """Waits for the next frame and leaves it in its buffer; raises NothingYet, DeviceLost."""
        with self._changed:
            self._held_number = self._after(self._held_number, timeout_s).number

    def close(self) -> None:
        """Stops the camera, and gives it and its buffers back; may be called twice."""
        with self._changed:
            closed, self._closed = self._closed, True
            taken, self._newest = self._newest, None
            self._changed.notify_all()
        if taken is not None:
            taken.request.release()
        if not closed:
            with suppress(RuntimeError):  # it is gone: there is nothing to stop
                self._device.close()

    def _opened(self) -> Any:
        try:
            library = import_module("picamera2").Picamera2
        except (ImportError, ValueError):  # ValueError: built for another numpy
            raise DeviceUnavailable(self._sentence(INSTALL)) from None
        try:
            number = self._number(library.global_camera_info())
            return library(number)
        except (RuntimeError, OSError) as error:
            raise DeviceUnavailable(
                self._sentence(
                    f"cannot be opened ({_root(error)}): end the program that uses it, or look at "
                    "its ribbon cable"
                )
            ) from error

    def _number(self, known: list[dict[str, Any]]) -> int:
        """Which of the cameras source means."""
        source = "0" if self._source in FIRST else self._source
        fits = [
            number
            for number, one in enumerate(known)
            if source in (str(number), one.get("Id"), one.get("Model"))
        ]
        if len(fits) == 1:
            return fits[0]
        there = [f"{number} {one.get('Model')} ({one['Id']})" for number, one in enumerate(known)]
        what = "is one of several: write a number or an id" if fits else "is not there"
        raise DeviceUnavailable(
            self._sentence(f"{what}; libcamera knows {', '.join(there) or 'no camera'}")
        )

    def _start(self, settings: CameraSettings) -> str:
        """Configures and starts it; says what was got."""
        device = self._device
        asked = {"format": BGR, "size": (settings.width, settings.height)}
        device.configure(
            device.create_video_configuration(
                main=asked, raw=None, buffer_count=BUFFERS, queue=False, display=None, encode=None
            )
        )
        got = device.camera_configuration()["main"]
        if got["format"] != BGR:
            raise DeviceUnavailable(
                self._sentence(f'gives {got["format"]}, no colours as read here: use kind = "v4l2"')
            )
        limits = device.camera_controls
        values, faults = plan(limits, settings.controls)
        shortest, longest, _ = limits.get("FrameDurationLimits", (1, 1_000_000_000, None))
        frame_us = min(max(round(1e6 / settings.fps), shortest), longest)
        if "FrameDurationLimits" in limits:
            values["FrameDurationLimits"] = (frame_us, frame_us)
        device.set_controls(values)
        device.post_callback = self._arrived
        device.start()
        width, height = got["size"]
        self.faults = tuple(faults)
        self.notes = _notes(settings, width, height, 1e6 / frame_us)
        model = device.camera_properties.get("Model", "camera")
        return f"{model} {width}x{height} at {1e6 / frame_us:.4g} fps"

    def _after(self, number: int, timeout_s: float) -> Taken:
        """The newest frame, once it is a later one than that of this number."""

        def later() -> Taken | None:
            return self._newest if self._newest and self._newest.number > number else None

        self._changed.wait_for(lambda: self._closed or later(), timeout_s)
        if self._closed:
            raise DeviceLost(self._sentence("is closed: open it again"))
        if taken := later():
            return taken
        if time.monotonic() - self._heard_s > self._silent_s:
            raise DeviceLost(
                self._sentence("sends no more frames: look at its ribbon cable, with power off")
            )
        raise NothingYet(self._sentence(f"brings no frame within {timeout_s:g} s"))

    def _arrived(self, request: Any) -> None:
        """In picamera2's thread. The newest frame keeps its buffer, another gives it back."""
        (buffer,) = request.request.buffers.values()
        with self._changed:
            number, missed = self._numbering.next(buffer.metadata.sequence)
            self._losses.update(driver_dropped=missed)
            self._heard_s = time.monotonic()
            if self._closed:
                return
            request.acquire()
            before, self._newest = self._newest, Taken(request, number)
            self._losses["stale"] += before is not None
            self._changed.notify_all()
        if before is not None:
            before.request.release()

    def _developed(self, taken: Taken) -> Frame:
        try:
            pixels = taken.request.make_array("main")
            stamp_ns = taken.request.get_metadata().get("SensorTimestamp")
        except RuntimeError as error:
            raise DeviceLost(self._sentence(f"was taken away: {error}")) from error
        finally:
            taken.request.release()
        now_s, now = time.monotonic(), datetime.now(timezone.utc)
        self._captured_s = max(self._captured_s, now_s - _age_s(stamp_ns))
        then = now - timedelta(seconds=now_s - self._captured_s)
        return Frame(pixels, self._name, taken.number, then, self._captured_s)

    def _sentence(self, clause: str) -> str:
        return f"camera {self._name}: {self._source} {clause}"


def _age_s(stamp_ns: int | None) -> float:
    """How old a frame is. Sensors stamp by the clock that runs on while a machine sleeps."""
    age_s = (time.clock_gettime_ns(time.CLOCK_BOOTTIME) - (stamp_ns or 0)) / 1e9
    return age_s if 0 <= age_s < MAX_AGE_S else 0.0


def _notes(settings: CameraSettings, width: int, height: int, fps: float) -> tuple[str, ...]:
    asked = f"{settings.width}x{settings.height} at {settings.fps:.4g} fps"
    given = f"{width}x{height} at {fps:.4g} fps"
    if (width, height) == (settings.width, settings.height) and abs(fps - settings.fps) < 0.1:
        return ()
    return (f"asked {asked}, the camera gives {given}",)


def _root(error: BaseException) -> str:
    """What libcamera said: picamera2 wraps it, more than once."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error)
