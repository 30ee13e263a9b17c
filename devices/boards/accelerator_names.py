"""Which numbers and names on a bus mean a chip that computes networks."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

Kind = Literal["gpu", "npu", "edgetpu", "vpu", "dla"]


class Label(NamedTuple):
    """What a chip is, who made it, and its name."""

    kind: Kind
    vendor: str
    name: str


_DISPLAY, _ACCELERATOR = 0x03, 0x12

BY_CLASS: Mapping[tuple[int, str], Label] = {
    (_DISPLAY, "10de"): Label("gpu", "NVIDIA", "GPU"),
    (_DISPLAY, "8086"): Label("gpu", "Intel", "graphics"),
    (_DISPLAY, "1002"): Label("gpu", "AMD", "graphics"),
    (_ACCELERATOR, "8086"): Label("npu", "Intel", "accelerator"),
    (_ACCELERATOR, "1002"): Label("gpu", "AMD", "accelerator"),
}
"""PCI base class and vendor, for the many chips that are not named below. Displays of others
(servers and virtual machines have them) compute nothing."""

BY_PCI_ID: Mapping[str, Label] = {
    "1022:1502": Label("npu", "AMD", "Ryzen AI NPU"),
    "1022:17f0": Label("npu", "AMD", "Ryzen AI NPU"),
    "10de:2b00": Label("gpu", "NVIDIA", "Thor (Blackwell)"),
    "1ac1:089a": Label("edgetpu", "Google", "Coral Edge TPU"),
    "1e60:2864": Label("npu", "Hailo", "8 or 8L"),
    "8086:5a84": Label("gpu", "Intel", "HD Graphics 505 (Apollo Lake)"),
    "8086:5a85": Label("gpu", "Intel", "HD Graphics 500 (Apollo Lake)"),
    "8086:643e": Label("npu", "Intel", "NPU (Lunar Lake)"),
    "8086:7d1d": Label("npu", "Intel", "NPU (Meteor Lake)"),
    "8086:ad1d": Label("npu", "Intel", "NPU (Arrow Lake)"),
    "8086:b03e": Label("npu", "Intel", "NPU (Panther Lake)"),
    "8086:fd3e": Label("npu", "Intel", "NPU (Wildcat Lake)"),
}

BY_USB_ID: Mapping[tuple[int, int], Label] = {
    (0x03E7, 0x2150): Label("vpu", "Intel", "Movidius Myriad 2 (Neural Compute Stick)"),
    (0x03E7, 0x2485): Label("vpu", "Intel", "Movidius Myriad X (Neural Compute Stick 2)"),
    (0x18D1, 0x9302): Label("edgetpu", "Google", "Coral Edge TPU"),
    (0x1A6E, 0x089A): Label("edgetpu", "Google", "Coral Edge TPU"),
}
"""A Coral has the last number until something first uses it, and then the one before."""

BY_COMPATIBLE: Mapping[str, Label] = {
    "brcm,2711-v3d": Label("gpu", "Broadcom", "VideoCore VI"),
    "brcm,2712-v3d": Label("gpu", "Broadcom", "VideoCore VII"),
    "nvidia,ga10b": Label("gpu", "NVIDIA", "Orin (Ampere)"),
    "nvidia,gm20b": Label("gpu", "NVIDIA", "Tegra X1 (Maxwell)"),
    "nvidia,gp10b": Label("gpu", "NVIDIA", "Tegra X2 (Pascal)"),
    "nvidia,gv11b": Label("gpu", "NVIDIA", "Xavier (Volta)"),
    "nvidia,tegra194-nvdla": Label("dla", "NVIDIA", "Xavier"),
    "nvidia,tegra234-nvdla": Label("dla", "NVIDIA", "Orin"),
}
"""What the device tree calls what is on the same chip as the processor."""

DRIVERS: Mapping[tuple[str, Kind], str] = {
    ("NVIDIA", "gpu"): "install NVIDIA's (on Ubuntu: sudo ubuntu-drivers install), then restart",
    ("Intel", "gpu"): "i915 or xe must know it, which may need a newer kernel",
    ("Intel", "npu"): "intel_vpu comes with Linux 6.3 and newer",
    ("AMD", "npu"): "amdxdna comes with Linux 6.14 and newer",
    ("Google", "edgetpu"): "install gasket-dkms from github.com/google/gasket-driver",
    ("Hailo", "npu"): "install Hailo's (on Raspberry Pi OS: sudo apt install hailo-all)",
}
"""Where the driver comes from."""

WITHOUT_COMPUTE: Mapping[str, str] = {
    "nouveau": "nouveau drives it, which computes nothing: install NVIDIA's own driver "
    "(on Ubuntu: sudo ubuntu-drivers install), then restart",
    "pci-stub": "it is set aside for a virtual machine (pci-stub)",
    "vfio-pci": "it is set aside for a virtual machine (vfio-pci)",
}
"""Drivers that take a chip, but give it to no runtime."""
