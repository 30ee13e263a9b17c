"""What this machine has beside its processor to run networks on, as the kernel tells of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from devices.boards.accelerator_names import (
    BY_CLASS,
    BY_COMPATIBLE,
    BY_PCI_ID,
    BY_USB_ID,
    DRIVERS,
    WITHOUT_COMPUTE,
    Kind,
    Label,
)
from devices.device_node import why_closed
from devices.kernel_text import pairs

_NODE_CLASSES = ("accel", "apex", "drm", "hailo_chardev")
_TEGRA_NODES = ("nvgpu/igpu0/ctrl", "nvhost-ctrl-gpu", "nvidia0", "nvmap")


@dataclass(frozen=True, slots=True)
class Accelerator:
    """A chip that computes networks.

    bus: its address. driver: the kernel driver that has taken it, or empty. nodes: what a runtime
    opens to use it. problem: why it cannot be used by anything as the system is now, and what to
    do about it; empty where nothing is in the way.
    """

    kind: Kind
    vendor: str
    name: str
    bus: str
    driver: str = ""
    nodes: tuple[str, ...] = ()
    problem: str = ""


def accelerators(root: Path = Path("/")) -> tuple[Accelerator, ...]:
    """Every chip of the kinds that the kernel found on PCI, on USB and beside the processor.

    In the order of the kinds, GPUs first; of one kind by address.
    """
    found = (*_on_pci(root), *_on_usb(root), *_on_chip(root))
    return tuple(sorted(found, key=lambda one: get_args(Kind).index(one.kind)))


def _on_pci(root: Path) -> Iterator[Accelerator]:
    for entry, told in _devices(root, "pci"):
        id = told.get("PCI_ID", "").lower()
        label = BY_PCI_ID.get(id) or _by_class(told.get("PCI_CLASS", "0"), id)
        if label is None:
            continue
        driver = told.get("DRIVER", "")
        nodes = _nodes(entry)
        if driver == "nvidia":
            information = pairs(root / f"proc/driver/nvidia/gpus/{entry.name}/information", ":")
            label = Label(label.kind, label.vendor, information.get("Model", label.name))
            nodes = (f"nvidia{information.get('Device Minor', '0')}", "nvidiactl")
        yield _accelerator(root, label, entry.name, driver, nodes)


def _by_class(pci_class: str, id: str) -> Label | None:
    """By what a chip says it is, where its number is not in the table."""
    known = BY_CLASS.get((int(pci_class, 16) >> 16, id.partition(":")[0]))
    return known and Label(known.kind, known.vendor, f"{known.name} {id}")


def _on_usb(root: Path) -> Iterator[Accelerator]:
    for entry, told in _devices(root, "usb"):
        if told.get("DEVTYPE") != "usb_device":
            continue
        vendor, product, _ = (int(part, 16) for part in told.get("PRODUCT", "0/0/0").split("/"))
        label = BY_USB_ID.get((vendor, product))
        if label is not None:
            nodes = (told.get("DEVNAME", ""),)
            yield _accelerator(root, label, f"usb {entry.name}", told.get("DRIVER", ""), nodes)


def _on_chip(root: Path) -> Iterator[Accelerator]:
    for entry, told in _devices(root, "platform"):
        compatible = [value for key, value in told.items() if key.startswith("OF_COMPATIBLE_")]
        label = next((BY_COMPATIBLE[word] for word in compatible if word in BY_COMPATIBLE), None)
        if label is None:
            continue
        nodes = _nodes(entry)
        if label.vendor == "NVIDIA":
            nodes = _tegra_nodes(root / "dev", label.kind, told.get("OF_NAME", ""))
            if label.kind == "dla":
                label = Label("dla", "NVIDIA", f"{label.name} {told.get('OF_NAME', '')}".strip())
        yield _accelerator(root, label, entry.name, told.get("DRIVER", ""), nodes)


def _devices(root: Path, bus: str) -> Iterator[tuple[Path, Mapping[str, str]]]:
    """The devices on a bus, by address, with what the kernel told of each when it appeared."""
    for entry in sorted((root / f"sys/bus/{bus}/devices").glob("*")):
        yield entry, pairs(entry / "uevent")


def _nodes(entry: Path) -> tuple[str, ...]:
    """What the driver of a device made below /dev, but for displays."""
    made = (child for name in _NODE_CLASSES for child in sorted((entry / name).glob("*")))
    names = (pairs(child / "uevent").get("DEVNAME", "") for child in made)
    return tuple(name for name in names if name and not name.startswith("dri/card"))


def _tegra_nodes(dev: Path, kind: Kind, name: str) -> tuple[str, ...]:
    """A Tegra's nodes are named otherwise in every generation, so those count that are there."""
    if kind == "dla":
        return tuple(sorted(node.name for node in dev.glob(f"nvhost-*{name}")))
    there = tuple(name for name in _TEGRA_NODES if (dev / name).exists())
    return there or _TEGRA_NODES[:1]


def _accelerator(
    root: Path, label: Label, bus: str, driver: str, nodes: tuple[str, ...]
) -> Accelerator:
    paths = [root / "dev" / node for node in nodes]
    problem = _driver_problem(label, driver) or next(filter(None, map(why_closed, paths)), "")
    shown = tuple(str(path) for path in paths)
    return Accelerator(label.kind, label.vendor, label.name, bus, driver, shown, problem)


def _driver_problem(label: Label, driver: str) -> str:
    if not driver:
        remedy = DRIVERS.get((label.vendor, label.kind), "")
        return f"no kernel driver has taken it{remedy and ': '}{remedy}"
    return WITHOUT_COMPUTE.get(driver, "")
