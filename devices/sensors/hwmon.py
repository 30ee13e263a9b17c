"""Temperatures, voltages, fans and power that the kernel's hwmon drivers watch."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from devices.kernel_text import text
from devices.readings.asked import Asked
from devices.readings.sysfs import Device, NumberFile, asked
from devices.sensor_settings import SysfsSettings

PARTS: Mapping[str, float] = {
    "temp": 1e3, "in": 1e3, "curr": 1e3, "humidity": 1e3, "power": 1e6, "energy": 1e6, "fan": 1.0,
}  # fmt: skip
"""What it writes for one °C, V, A, %, W, J and 1/min (Documentation/hwmon/sysfs-interface)."""
_INPUT = re.compile(rf"(({'|'.join(PARTS)})[0-9]+)_input")


def open_hwmon(settings: SysfsSettings, root: Path = Path("/sys")) -> Asked:
    """source: the chip's name (coretemp, lm75), or hwmon0. Raises DeviceUnavailable."""
    return asked(settings, tuple(chips(root)))


def chips(root: Path = Path("/sys")) -> Iterator[Device]:
    """All that are there."""
    for folder in sorted((root / "class" / "hwmon").glob("hwmon*")):
        channels = tuple(_inputs(folder))
        yield Device(folder, (text(folder / "name") or folder.name, folder.name), channels)


def _inputs(folder: Path) -> Iterator[NumberFile]:
    labels: set[str] = set()
    for file in sorted(folder.glob("*_input"), key=lambda path: (len(path.name), path.name)):
        found = _INPUT.fullmatch(file.name)
        if found is None:
            continue
        channel, kind = found.groups()
        label = text(folder / f"{channel}_label")
        yield NumberFile(label if label and label not in labels else channel, file, PARTS[kind])
        labels.add(label)
