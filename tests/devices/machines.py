"""Machines as their kernels show them: the same folders, files and links, below one folder."""

import os
from collections.abc import Mapping
from pathlib import Path


class Machine:
    """A root file system that is written piece by piece."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def file(self, path: str, text: str) -> None:
        """A file with this text."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def nodes(self, *names: str) -> None:
        """Files below /dev that anybody may open."""
        for name in names:
            self.file(f"dev/{name}", "")
            (self.root / "dev" / name).chmod(0o666)

    def pci(
        self, slot: str, id: str, pci_class: str, driver: str = "", made: tuple[str, ...] = ()
    ) -> None:
        """A PCI device; made: what its driver made, as "drm/renderD128"."""
        bus = f"pci{slot[:7]}"
        told = {"DRIVER": driver} if driver else {}
        told |= {"PCI_CLASS": pci_class, "PCI_ID": id, "PCI_SLOT_NAME": slot}
        self._device("pci", f"{bus}/{slot}", told, made)

    def usb(self, port: str, product: str, node: str) -> None:
        """A USB device and its first interface."""
        told = {"DEVNAME": node, "DEVTYPE": "usb_device", "DRIVER": "usb", "PRODUCT": product}
        folder = f"pci0000:00/0000:00:14.0/usb2/{port}"
        self._device("usb", folder, told, ())
        interface = {"DEVTYPE": "usb_interface", "PRODUCT": product}
        self._device("usb", f"{folder}/{port}:1.0", interface, ())

    def on_chip(
        self,
        name: str,
        of_name: str,
        compatible: tuple[str, ...],
        driver: str = "",
        made: tuple[str, ...] = (),
        folder: str = "platform",
    ) -> None:
        """A device of the device tree."""
        told = {"DRIVER": driver} if driver else {}
        told |= {"OF_NAME": of_name, "OF_FULLNAME": f"/bus@0/{of_name}"}
        told |= {f"OF_COMPATIBLE_{n}": word for n, word in enumerate(compatible)}
        told |= {"OF_COMPATIBLE_N": str(len(compatible)), "MODALIAS": f"of:N{of_name}"}
        self._device("platform", f"{folder}/{name}", told, made)

    def _device(
        self, bus: str, folder: str, told: Mapping[str, str], made: tuple[str, ...]
    ) -> None:
        place = f"sys/devices/{folder}"
        self.file(f"{place}/uevent", _lines(told))
        self._link(f"sys/bus/{bus}/devices/{Path(folder).name}", place)
        self._link(f"{place}/subsystem", f"sys/bus/{bus}")
        if "DRIVER" in told:
            self._link(f"{place}/driver", f"sys/bus/{bus}/drivers/{told['DRIVER']}")
        for child in made:
            kind, _, name = child.partition("/")
            in_dev = {"drm": f"dri/{name}", "accel": f"accel/{name}"}.get(kind, name)
            self.file(f"{place}/{child}/uevent", _lines({"DEVNAME": in_dev, "MAJOR": "226"}))
            self._link(f"sys/class/{kind}/{name}", f"{place}/{child}")

    def _link(self, path: str, target: str) -> None:
        """A relative link, as sysfs has them; its target may come later."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).symlink_to(os.path.relpath(target, Path(path).parent))


def _lines(told: Mapping[str, str]) -> str:
    return "".join(f"{key}={value}\n" for key, value in told.items())


def jetson_orin(root: Path, release: str, revision: str) -> Machine:
    """A Jetson AGX Orin: GPU and two DLAs on the chip, no display on PCI."""
    orin = Machine(root)
    orin.file("proc/device-tree/model", "NVIDIA Jetson AGX Orin Developer Kit\0")
    orin.file(
        "proc/device-tree/compatible",
        "nvidia,p3737-0000+p3701-0005\0nvidia,p3701-0005\0nvidia,tegra234\0",
    )
    orin.file(
        "etc/nv_tegra_release",
        f"# R{release} (release), REVISION: {revision}, GCID: 38968081, BOARD: generic, "
        "EABI: aarch64, DATE: Wed Jan  8 01:49:37 UTC 2025\n# KERNEL_VARIANT: oot\n",
    )
    core = "processor\t: {}\nBogoMIPS\t: 62.50\nFeatures\t: fp asimd evtstrm aes pmull sha1 sha2 "
    core += "crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp uscat ilrcpc flagm\n"
    core += "CPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x0\n"
    core += "CPU part\t: 0xd42\nCPU revision\t: 1\n\n"
    orin.file("proc/cpuinfo", "".join(core.format(number) for number in range(12)))
    orin.on_chip("17000000.gpu", "gpu", ("nvidia,ga10b",), "gk20a")
    for number, address in enumerate(("15880000", "158c0000")):
        name = f"nvdla{number}"
        bus = "platform/13e00000.host1x"
        orin.on_chip(f"{address}.{name}", name, ("nvidia,tegra234-nvdla",), "tegra-nvdla", (), bus)
    orin.pci("0004:01:00.0", "144D:A80A", "10802", "nvme")
    orin.nodes("nvmap", "nvgpu/igpu0/ctrl", "nvgpu/igpu0/as")
    older = int(release) < 36
    orin.nodes(*(f"nvhost-{'ctrl-' * older}nvdla{n}" for n in (0, 1)))
    if older:
        orin.nodes("nvhost-ctrl-gpu", "nvhost-gpu")
    return orin


def raspberry_pi_5(root: Path) -> Machine:
    """A Raspberry Pi 5 as it is bought."""
    pi = Machine(root)
    pi.file("proc/device-tree/model", "Raspberry Pi 5 Model B Rev 1.0\0")
    pi.file("proc/device-tree/compatible", "raspberrypi,5-model-b\0brcm,bcm2712\0")
    core = "processor\t: {}\nBogoMIPS\t: 108.00\nFeatures\t: fp asimd evtstrm aes pmull sha1 sha2 "
    core += "crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp\n"
    core += "CPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x4\n"
    core += "CPU part\t: 0xd0b\nCPU revision\t: 1\n\n"
    tail = "Revision\t: d04170\nSerial\t\t: 0000000000000000\nModel\t\t: Raspberry Pi 5 Model B\n"
    pi.file("proc/cpuinfo", "".join(core.format(number) for number in range(4)) + tail)
    pi.on_chip(
        "1002000000.v3d",
        "v3d",
        ("brcm,2712-v3d",),
        "v3d",
        ("drm/card0", "drm/renderD128"),
        "platform/axi",
    )
    pi.nodes("dri/card0", "dri/renderD128")
    pi.pci("0001:00:00.0", "14E4:2712", "60400", "pcieport")
    return pi


def deeplens(root: Path) -> Machine:
    """An AWS DeepLens: an Atom of 2016, its graphics on PCI."""
    lens = Machine(root)
    lens.file("sys/class/dmi/id/sys_vendor", "Amazon\n")
    lens.file("sys/class/dmi/id/product_name", "AWS DeepLens\n")
    lens.file(
        "proc/cpuinfo",
        "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel\t\t: 92\n"
        "model name\t: Intel(R) Atom(TM) Processor E3930 @ 1.30GHz\n"
        "flags\t\t: fpu vme sse sse2 ssse3 sse4_1 sse4_2 movbe popcnt aes xsave rdrand sha_ni\n",
    )
    lens.pci("0000:00:00.0", "8086:5AF0", "60000")
    lens.pci("0000:00:02.0", "8086:5A85", "30000", "i915", ("drm/card0", "drm/renderD128"))
    lens.nodes("dri/card0", "dri/renderD128")
    return lens
