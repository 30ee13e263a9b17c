"""What this machine is, and which cameras are plugged into it."""

import errno
import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from devices.device_node import why_closed
from devices.jetpack import jetpack, l4t
from devices.kernel_text import pairs, text
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


_BLANKS = frozenset(
    {
        "default string",
        "not applicable",
        "not specified",
        "o.e.m.",
        "system manufacturer",
        "system product name",
        "to be filled by o.e.m.",
    }
)
"""What firmware says where its maker filled nothing in."""


@dataclass(frozen=True, slots=True)
class Board:
    """The machine: vendor and model as it names itself (empty where it does not), processor type.

    l4t, jetpack: of a Jetson, its release of Linux for Tegra and of JetPack, as far as known.
    """

    vendor: str
    model: str
    kind: Kind
    arch: str
    l4t: str = ""
    jetpack: str = ""

    @property
    def name(self) -> str:
        """Vendor and model for people, neither twice: a Raspberry Pi says both in its model."""
        model = self.model or "unnamed PC"
        known = model.lower().replace(" ", "").startswith(self.vendor.lower().replace(" ", ""))
        return model if known else f"{self.vendor} {model}"


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


def board(root: Path = Path("/"), arch: str = platform.machine()) -> Board:
    """What this machine is: single-board computers have a device tree, PCs have DMI tables."""
    device_tree, dmi = root / "proc/device-tree", root / "sys/class/dmi/id"
    compatible = text(device_tree / "compatible")
    vendor = _dmi(dmi, "sys_vendor", "board_vendor") or compatible.partition(",")[0]
    model = text(device_tree / "model") or _dmi(dmi, "product_name", "board_name")
    said = " ".join((vendor, model, compatible, text(dmi / "board_name"))).lower()
    kinds: list[Kind] = [kind for sign, kind in _SIGNS if sign in said]
    kind = kinds[0] if kinds else "pc"
    release = l4t(root) if kind == "jetson" else ""
    return Board(vendor, model or _virtual(root), kind, arch, release, jetpack(release))


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
        problem = why_closed(node) or os.strerror(error.errno or 0)
        return CameraNode(str(node), text(entry / "name"), problem=problem)


def _entries(video: Path) -> list[Path]:
    """The video nodes that the kernel knows, by number."""
    return sorted(video.glob("video*"), key=lambda entry: (len(entry.name), entry.name))


def _is_first(entry: Path) -> bool:
    """Whether it is the first node of its device; those after it carry metadata and the like."""
    return text(entry / "index") in ("", "0")


def _dmi(dmi: Path, *names: str) -> str:
    """The first of the fields that somebody filled in."""
    said = (text(dmi / name) for name in names)
    return next((word for word in said if word.lower() not in _BLANKS | {""}), "")


def _virtual(root: Path) -> str:
    """What a machine without a name is, when the processor was told that it is not a real one."""
    hypervisor = text(root / "sys/hypervisor/type")
    guest = "hypervisor" in pairs(root / "proc/cpuinfo", ":").get("flags", "").split()
    if not (hypervisor or guest):
        return ""
    return f"virtual machine ({hypervisor})" if hypervisor else "virtual machine"
