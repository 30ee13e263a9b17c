"""A sensor that the kernel reads for us: its channels are small files that hold a number each."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Protocol

from devices.errors import DeviceLost, DeviceUnavailable
from devices.kernel_text import text
from devices.reading import Reading
from devices.sensor_settings import SignalSettings, SysfsSettings
from devices.sensors.beat import Beat
from devices.sensors.gate import Gate, number_in
from devices.sensors.order import Order, utc_now


class Channel(Protocol):
    """One number of a device."""

    @property
    def name(self) -> str:
        """As `at` of a signal names it."""

    def value(self) -> float | None:
        """What it is now, in whole units; None where the kernel cannot read it now."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device of the kernel. names: by which it may be chosen, the best for people first."""

    folder: Path
    names: Sequence[str]
    channels: Sequence[Channel]


class SysfsSensor:
    """Reads all channels every `every_s` seconds; together they are one reading."""

    def __init__(
        self,
        settings: SysfsSettings,
        devices: Sequence[Device],
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """devices: those that are there. Raises DeviceUnavailable."""
        self._settings, self._now = settings, now
        self._device = _chosen(settings, devices)
        signals = settings.signal or tuple(
            SignalSettings(name=channel.name) for channel in self._device.channels
        )
        by_name = {channel.name: channel for channel in self._device.channels}
        self._channels = {signal.name: _channel(settings, signal, by_name) for signal in signals}
        self._gate = Gate(signals, Order("ours", now))
        self._closed = Event()
        self._beat = Beat(settings.every_s, self._closed)

    @property
    def signals(self) -> tuple[str, ...]:
        """Names of the signals."""
        return self._gate.signals

    @property
    def losses(self) -> Mapping[str, int]:
        """What was left out since opening, by reason; see `Gate`."""
        return self._gate.losses

    @property
    def problems(self) -> Mapping[str, str]:
        """What is wrong with signals now; see `Gate`."""
        return self._gate.problems

    def read(self, timeout_s: float) -> Reading:
        """The next reading. Raises NothingYet (not due yet), DeviceLost (it is gone)."""
        while True:
            self._beat.wait(self._settings.name, timeout_s)
            at = self._now()
            raw = {name: channel.value() for name, channel in self._channels.items()}
            if not self._device.folder.exists():
                raise DeviceLost(
                    f"sensor {self._settings.name}: {self._settings.source} is gone: plug it in, "
                    "or load its driver again"
                )
            values = self._gate.admit(at, raw)
            if values:
                return Reading(self._settings.name, at, time.monotonic(), values)

    def close(self) -> None:
        """A read that waits ends at once."""
        self._closed.set()

    def __enter__(self) -> "SysfsSensor":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def number(path: Path) -> float | None:
    """What stands in a file of the kernel; None where there is none, or no number."""
    return number_in(text(path))


def _chosen(settings: SysfsSettings, devices: Sequence[Device]) -> Device:
    found = [device for device in devices if settings.source in device.names]
    if len(found) == 1 and found[0].channels:
        return found[0]
    about = f"sensor {settings.name}: {settings.source}"
    if found and not found[0].channels:
        raise DeviceUnavailable(f"{about} has no channel that can be read")
    if found:
        paths = ", ".join(device.names[-1] for device in found)
        raise DeviceUnavailable(f"{about} is the name of several: set source to one of {paths}")
    there = ", ".join(sorted(device.names[0] for device in devices)) or "none"
    raise DeviceUnavailable(
        f"{about} is not there; plug it in, load its driver, or correct source (there is: {there})"
    )


def _channel(
    settings: SysfsSettings, signal: SignalSettings, by_name: Mapping[str, Channel]
) -> Channel:
    if signal.place not in by_name:
        raise DeviceUnavailable(
            f"sensor {settings.name}: {settings.source} has no channel {signal.place!r} for signal "
            f"{signal.name}; it has {', '.join(by_name)}"
        )
    return by_name[signal.place]
