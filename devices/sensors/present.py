"""Sensors that this machine has: what the kernel reads, and serial ports that may have one."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from devices.readings.sysfs import Device
from devices.sensors.hwmon import chips
from devices.sensors.iio import converters


@dataclass(frozen=True, slots=True)
class PresentSensor:
    """kind and source: as a `[[sensor]]` block names them. channels: of what the kernel reads."""

    kind: str
    source: str
    channels: tuple[str, ...]


def sensors(root: Path = Path("/sys"), dev: Path = Path("/dev")) -> tuple[PresentSensor, ...]:
    """All that are found, in the order of their kinds."""
    return (
        *_of("hwmon", tuple(chips(root))),
        *_of("iio", tuple(converters(root))),
        *(PresentSensor("serial", str(port), ()) for port in sorted(_ports(dev))),
    )


def _of(kind: str, devices: tuple[Device, ...]) -> Iterator[PresentSensor]:
    names = [device.names[0] for device in devices]
    for device in devices:
        name, number = device.names
        source = name if names.count(name) == 1 else number
        if device.channels:
            channels = tuple(channel.name for channel in device.channels)
            yield PresentSensor(kind, source, channels)


def _ports(dev: Path) -> Iterator[Path]:
    """By what is plugged in, where the system has such links; ports of the board do not tell."""
    yield from (dev / "serial" / "by-id").glob("*")
