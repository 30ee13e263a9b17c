"""Converters and environment sensors that the kernel's Industrial I/O drivers read."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from devices.kernel_text import text
from devices.readings.asked import Asked
from devices.readings.sysfs import Device, NumberFile, asked, number
from devices.sensor_settings import SysfsSettings

PARTS: Mapping[str, float] = {
    "temp": 1e3, "voltage": 1e3, "current": 1e3, "humidityrelative": 1e3, "power": 1e3,
}  # fmt: skip
"""What the kernel means by one °C, V, A, % and W; all else is in the unit of its own definition,
such as kPa, m/s², rad/s, lux (Documentation/ABI/testing/sysfs-bus-iio).
"""
_CHANNEL = re.compile(r"in_(([a-z]+)[0-9]*(?:[_-][a-z0-9]+)*)_(input|raw)")


@dataclass(frozen=True, slots=True)
class Raw:
    """A channel of which the driver tells what its chip said: (raw + offset) × scale."""

    name: str
    folder: Path
    kind: str
    parts: float

    def value(self) -> float | None:
        """In °C, V, A, %, W, or as the kernel defines it."""
        read = number(self.folder / f"in_{self.name}_raw")
        offset, scale = self._shared("offset"), self._shared("scale")
        if read is None:
            return None
        return (read + (offset or 0.0)) * (1.0 if scale is None else scale) / self.parts

    def _shared(self, what: str) -> float | None:
        """Of this channel, else of all channels of its kind."""
        own = number(self.folder / f"in_{self.name}_{what}")
        return own if own is not None else number(self.folder / f"in_{self.kind}_{what}")


def open_iio(settings: SysfsSettings, root: Path = Path("/sys")) -> Asked:
    """source: the device's name (bme280), or iio:device0. Raises DeviceUnavailable."""
    return asked(settings, tuple(converters(root)))


def converters(root: Path = Path("/sys")) -> Iterator[Device]:
    """All that are there."""
    for folder in sorted((root / "bus" / "iio" / "devices").glob("iio:device*")):
        channels = tuple(_channels(folder))
        yield Device(folder, (text(folder / "name") or folder.name, folder.name), channels)


def _channels(folder: Path) -> Iterator[NumberFile | Raw]:
    seen = set[str]()
    for file in sorted(folder.glob("in_*")):  # input sorts before raw
        found = _CHANNEL.fullmatch(file.name)
        if found is None or found[1] in seen:
            continue
        name, kind, how = found.groups()
        seen.add(name)
        parts = PARTS.get(kind, 1.0)
        yield NumberFile(name, file, parts) if how == "input" else Raw(name, folder, kind, parts)
