"""A sensor that the kernel reads for us: its channels are small files that hold a number each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from devices.errors import DeviceLost, DeviceUnavailable
from devices.kernel_text import text
from devices.readings.asked import Asked
from devices.readings.gate import number_in
from devices.sensor_settings import SignalSettings, SysfsSettings


class Channel(Protocol):
    """One number of a device."""

    @property
    def name(self) -> str:
        """As `at` of a signal names it."""

    def value(self) -> float | None:
        """What it is now, in whole units; None where the kernel cannot read it now."""


@dataclass(frozen=True, slots=True)
class NumberFile:
    """A channel that is one file. parts: what the kernel writes for one whole unit."""

    name: str
    file: Path
    parts: float

    def value(self) -> float | None:
        """In whole units."""
        read = number(self.file)
        return None if read is None else read / self.parts


@dataclass(frozen=True, slots=True)
class Device:
    """A device of the kernel. names: by which it may be chosen, the best for people first."""

    folder: Path
    names: Sequence[str]
    channels: Sequence[Channel]


def asked(settings: SysfsSettings, devices: Sequence[Device]) -> Asked:
    """The chosen one of the devices that are there. Raises DeviceUnavailable."""
    device = _chosen(settings, devices)
    signals = settings.signal or tuple(SignalSettings(name=one.name) for one in device.channels)
    by_name = {channel.name: channel for channel in device.channels}
    channels = {signal.name: _channel(settings, signal, by_name) for signal in signals}
    about = f"sensor {settings.name}: {settings.source}"
    return Asked(settings.name, settings.every_s, signals, Channels(about, device.folder, channels))


class Channels:
    """The chosen channels of a device, by signal."""

    losses: Mapping[str, int] = MappingProxyType({})

    def __init__(self, about: str, folder: Path, channels: Mapping[str, Channel]) -> None:
        """about: for the sentence when it is gone."""
        self._about, self._folder, self._channels = about, folder, channels

    def ask(self) -> dict[str, object]:
        """Reads all channels. Raises DeviceLost."""
        raw: dict[str, object] = {name: one.value() for name, one in self._channels.items()}
        if not self._folder.exists():
            raise DeviceLost(f"{self._about} is gone: plug it in, or load its driver again")
        return raw

    def close(self) -> None:
        """There is nothing to let go of."""


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
