"""What this machine is, and which cameras are plugged into it."""

import errno
import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from devices.v4l2_node import V4L2Node

Kind = Literal["deeplens", "jetson", "raspberry-pi", "pc"]

VIDEO = Path("/sys/class/video4linux")
DEV = Path("/dev")
BY_NAME = "name:"

_SIGNS: tuple[tuple[str, Kind], ...] = (
    ("deeplens", "deeplens"),
    ("nvidia,tegra", "jetson"),
    ("jetson", "jetson"),
    ("raspberry", "raspberry-pi"),
)
"""A word in what a board says of itself, and the kind that it then is; every other one is a pc."""


@dataclass(frozen=True, slots=True)
class Board:
    """The machine: vendor and model as it names itself (empty where it does not), processor."""

    vendor: str
    model: str
    kind: Kind
    arch: str


@dataclass(frozen=True, slots=True)
class CameraNode:
    """A camera of this machine.

    node: /dev/videoN. name: what the camera calls itself. bus: where it is plugged in.
    formats: its pixel formats, four letters each. problem: why it could not be asked, else empty.
    """

    node: str
    name: str
    bus: str = ""
    formats: tuple[str, ...] = ()
    problem: str = ""


def board(
    device_tree: Path = Path("/proc/device-tree"),
    dmi: Path = Path("/sys/class/dmi/id"),
    arch: str = platform.machine(),
) -> Board:
    """What this machine is: single-board computers have a device tree, PCs have DMI tables."""
    compatible = _text(device_tree / "compatible")
    vendor = _text(dmi / "sys_vendor") or compatible.partition(",")[0]
    model = _text(device_tree / "model") or _text(dmi / "product_name")
    said = " ".join((vendor, model, compatible, _text(dmi / "board_name"))).lower()
    kinds: list[Kind] = [kind for sign, kind in _SIGNS if sign in said]
    return Board(vendor, model, kinds[0] if kinds else "pc", arch)


def cameras(video: Path = VIDEO, dev: Path = DEV) -> tuple[CameraNode, ...]:
    """The capture nodes of this machine, by number."""
    found = (_ask(entry, dev / entry.name) for entry in _entries(video))
    return tuple(camera for camera in found if camera is not None)


def camera_node(source: str, video: Path = VIDEO, dev: Path = DEV) -> str:
    """The node that a camera's source means: a path stands for itself, "name:…" is looked up.

    Raises FileNotFoundError when no camera has that name; of several the first is taken.
    """
    if not source.startswith(BY_NAME):
        return source
    name = source.removeprefix(BY_NAME).strip()
    for camera in cameras(video, dev):
        if camera.name == name:
            return camera.node
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), source)


def _ask(entry: Path, node: Path) -> CameraNode | None:
    """What a node tells of itself; None when it captures no video."""
    try:
        with V4L2Node(str(node)) as camera:
            if not camera.captures():
                return None
            told = camera.capability()
            bus, name = (
                told.bus_info.decode("latin-1"),
                told.card.decode("utf-8", "replace").strip(),
            )
            return CameraNode(str(node), name, bus, camera.formats())
    except OSError as error:
        if not _is_first(entry):
            return None
        return CameraNode(str(node), _text(entry / "name"), problem=os.strerror(error.errno or 0))


def _entries(video: Path) -> list[Path]:
    """The video nodes that the kernel knows, by number."""
    return sorted(video.glob("video*"), key=lambda entry: (len(entry.name), entry.name))


def _is_first(entry: Path) -> bool:
    """Whether it is the first node of its device; those after it carry metadata and the like."""
    return _text(entry / "index") in ("", "0")


def _text(path: Path) -> str:
    """The text of a small kernel file, lists separated by blanks; empty where there is none."""
    try:
        return path.read_text(errors="replace").replace("\0", " ").strip()
    except OSError:
        return ""
