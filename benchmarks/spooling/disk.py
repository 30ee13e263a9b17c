"""Says on what disk is measured, and refuses what is none."""

import os
from pathlib import Path

MEMORY = ("tmpfs", "ramfs")


def described(folder: Path) -> str:
    """Its file system, the device, and whether that keeps what it was given in a cache of its own.

    Raises SystemExit for a file system in memory: an fsync costs nothing there.
    """
    form, device = _mount(folder.resolve())
    if form in MEMORY:
        raise SystemExit(f"{folder} is memory ({form}): name a folder of a disk with --folder")
    return f"{form} on {device}, {_write_cache(folder)}"


def _mount(folder: Path) -> tuple[str, str]:
    """File system and device of the innermost mount above a folder."""
    found = ("", "an unknown file system", "an unknown device")
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        place, _, what = line.partition(" - ")
        point = Path(place.split()[4].replace("\\040", " "))
        if folder.is_relative_to(point) and len(str(point)) >= len(found[0]):
            form, device, _ = what.split(" ", 2)
            found = (str(point), form, device)
    return found[1:]


def _write_cache(folder: Path) -> str:
    """What the kernel knows of the device's cache; that of a partition is its disk's."""
    number = folder.stat().st_dev
    device = Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}").resolve()
    for queue in (device / "queue", device.parent / "queue"):
        if (queue / "write_cache").exists():
            return f"write cache: {(queue / 'write_cache').read_text().strip()}"
    return "write cache: unknown"
