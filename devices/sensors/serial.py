"""A sensor that writes lines on a serial port: a microcontroller, a scale, a weather station."""

import errno
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Event

from devices.closeable import Closeable
from devices.errors import DeviceLost, DeviceUnavailable, NothingYet
from devices.reading import Reading
from devices.readings.gate import Gate
from devices.readings.line_form import LineForm
from devices.readings.order import Order, utc_now
from devices.sensor_settings import SerialSettings

MAX_LINE = 1 << 12
"""Bytes of a line; of more without an end, nothing is a reading."""
LOOK_S = 0.5

WHAT_TO_DO: Mapping[object, str] = {
    errno.ENOENT: "is not there: plug it in, or correct source",
    errno.ENXIO: "is not there: plug it in, or correct source",
    errno.EAGAIN: "is in use by another program: end that one first",
    errno.EBUSY: "is in use by another program: end that one first",
    errno.EACCES: "may not be opened: add the user to the group dialout and log in again",
    errno.EPERM: "may not be opened: add the user to the group dialout and log in again",
    errno.ENOTTY: "is no serial port: correct source",
}


class SerialSensor(Closeable):
    """Reads lines; each is one reading, of the moment when its end came.

    losses: cut (the first line, which may have begun before we listened), damaged (no text, too few
    fields, no JSON, without end), and those of `Gate`.
    """

    def __init__(self, settings: SerialSettings, now: Callable[[], datetime] = utc_now) -> None:
        """Opens the port for us alone. Raises DeviceUnavailable."""
        try:
            import serial
        except ImportError as error:
            raise DeviceUnavailable(
                f"sensor {settings.name} needs pyserial: pip install 'vision-app[serial]'"
            ) from error
        self._settings, self._now = settings, now
        self._form, self._gate = LineForm(settings), Gate(settings.signal, Order("ours", now))
        self._lost: Counter[str] = Counter()
        self._begun, self._part = False, b""
        self._lines: list[bytes] = []
        self._closed = Event()
        self._broken = serial.SerialException
        try:
            self._port = serial.Serial(
                settings.source, settings.baud, settings.bits, settings.parity,
                float(settings.stop_bits), timeout=LOOK_S, exclusive=True,
            )  # fmt: skip
        except (serial.SerialException, ValueError, OSError) as error:
            raise DeviceUnavailable(
                f"sensor {settings.name}: {_why_not(settings, error)}"
            ) from error

    @property
    def signals(self) -> tuple[str, ...]:
        """Names of the signals."""
        return self._gate.signals

    @property
    def losses(self) -> Mapping[str, int]:
        """What was left out since opening, by reason."""
        return self._lost + Counter(self._gate.losses)

    @property
    def problems(self) -> Mapping[str, str]:
        """What is wrong with signals now; see `Gate`."""
        return self._gate.problems

    def read(self, timeout_s: float) -> Reading:
        """The next reading. Raises NothingYet, or DeviceLost when the port is gone."""
        until_s = time.monotonic() + timeout_s
        while True:
            reading = self._next()
            if reading is not None:
                return reading
            left_s = until_s - time.monotonic()
            if left_s <= 0:
                raise NothingYet(f"sensor {self._settings.name}: no line within {timeout_s:g} s")
            self._receive(min(LOOK_S, left_s))

    def close(self) -> None:
        """Gives the port back; a read that waits ends at once."""
        self._closed.set()
        self._port.cancel_read()
        self._port.close()

    def _next(self) -> Reading | None:
        """The first usable one of the lines that are here."""
        if self._closed.is_set():
            raise DeviceLost(f"sensor {self._settings.name} is closed")
        while self._lines:
            text = self._lines.pop(0).decode("utf-8", errors="replace").strip()
            raw = self._form.raw(text) if text else {}
            if raw is None:
                self._lost["damaged"] += 1
            elif raw:
                at = self._now()
                values = self._gate.admit(at, raw)
                if values:
                    return Reading(self._settings.name, at, time.monotonic(), values)
        return None

    def _receive(self, timeout_s: float) -> None:
        try:
            self._port.timeout = timeout_s
            came = self._port.read(max(1, self._port.in_waiting))
        except (self._broken, OSError, TypeError, ValueError) as error:
            if self._closed.is_set():
                raise DeviceLost(f"sensor {self._settings.name} is closed") from error
            raise DeviceLost(
                f"sensor {self._settings.name}: {self._settings.source} was unplugged, or broke: "
                "plug it in again"
            ) from error
        *lines, self._part = (self._part + came).split(b"\n")
        if len(self._part) > MAX_LINE:
            self._lost["damaged"] += 1
            self._begun, self._part = False, b""
        if lines and not self._begun:
            self._begun, self._lost["cut"] = True, self._lost["cut"] + 1
            del lines[0]
        self._lines += lines


def _why_not(settings: SerialSettings, error: Exception) -> str:
    context = error.__context__.args if error.__context__ else ()  # a termios.error has no errno
    number = getattr(error, "errno", None) or (context[0] if context else None)
    return f"{settings.source} {WHAT_TO_DO.get(number, f'cannot be opened: {error}')}"
