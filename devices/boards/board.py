"""What this machine is."""

import platform
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from devices.boards.jetpack import jetpack, l4t
from devices.kernel_text import pairs, text

Kind = Literal["deeplens", "jetson", "raspberry-pi", "pc"]

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
    told_by: where the machine says what it is; empty where nothing does.
    """

    vendor: str
    model: str
    kind: Kind
    arch: str
    l4t: str = ""
    jetpack: str = ""
    told_by: str = field(default="", compare=False)

    @property
    def name(self) -> str:
        """Vendor and model for people, neither twice: a Raspberry Pi says both in its model."""
        model = self.model or "unnamed PC"
        known = model.lower().replace(" ", "").startswith(self.vendor.lower().replace(" ", ""))
        return model if known else f"{self.vendor} {model}"


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
    told_by = "/proc/device-tree" if compatible else "/sys/class/dmi/id" if said.strip() else ""
    name = model or _virtual(root)
    return Board(vendor, name, kind, arch, release, jetpack(release), told_by)


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
