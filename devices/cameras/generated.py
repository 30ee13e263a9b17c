"""A camera that needs no camera: it renders a greenhouse, and somebody who walks through."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from threading import Event
from time import monotonic

from devices.closeable import Closeable
from devices.errors import DeviceLost, NothingYet
from devices.frame import Frame
from devices.settings import CameraSettings
from devices.simulated.footage import Footage


class GeneratedCamera(Closeable):
    """Takes a picture every 1/fps seconds, whether anybody fetches it or not.

    Like a driver with one buffer, it keeps the newest picture only. Frames are numbered by the
    clock, so one that nobody fetched in time is a gap in seq and one more "driver_dropped".
    """

    def __init__(self, settings: CameraSettings, first_seq: int) -> None:
        """Renders the scenes first. Raises DeviceUnavailable when the portrait cannot be read."""
        self._name = settings.name
        self._fps = settings.fps
        self._footage = Footage(
            settings.width, settings.height, settings.fps, settings.seed, settings.portrait
        )
        self.mode = f"generated {settings.width}x{settings.height} at {settings.fps:g} fps"
        self._first_seq = first_seq
        self._next = 0
        self._dropped = 0
        self._closed = Event()
        self._opened_s = monotonic()

    @property
    def losses(self) -> Mapping[str, int]:
        """Pictures that were taken while nobody fetched the one before."""
        return {"driver_dropped": self._dropped}

    def read(self, timeout_s: float) -> Frame:
        """The newest picture that was not fetched yet, or the next one when it is taken."""
        number = max(self._next, int((monotonic() - self._opened_s) * self._fps))
        taken_s = self._opened_s + number / self._fps
        self._wait_until(taken_s, timeout_s)
        self._dropped += number - self._next
        self._next = number + 1
        pixels = self._footage.picture(number)
        age = timedelta(seconds=monotonic() - taken_s)
        captured_at = datetime.now(timezone.utc) - age
        return Frame(pixels, self._name, self._first_seq + number, captured_at, taken_s)

    def close(self) -> None:
        """Ends it; a reader that waits is told at once."""
        self._closed.set()

    def _wait_until(self, taken_s: float, timeout_s: float) -> None:
        wait_s = max(0.0, taken_s - monotonic())
        if self._closed.wait(min(wait_s, timeout_s)):
            raise DeviceLost(f"camera {self._name} is closed: open it again")
        if wait_s > timeout_s:
            raise NothingYet(f"camera {self._name} takes no picture within {timeout_s:g} s")
