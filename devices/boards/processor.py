"""What the processor is, and what it has that makes networks fast."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devices.boards.limits import usable_cores
from devices.kernel_text import pairs, text

FEATURES: Mapping[str, frozenset[str]] = {
    "avx2": frozenset({"avx2"}),
    "avx512": frozenset({"avx512f"}),
    "vnni": frozenset({"avx512_vnni", "avx_vnni"}),
    "amx": frozenset({"amx_int8", "amx_bf16"}),
    "neon": frozenset({"asimd", "neon"}),
    "dotprod": frozenset({"asimddp"}),
    "i8mm": frozenset({"i8mm"}),
    "bf16": frozenset({"avx512_bf16", "amx_bf16", "bf16"}),
    "fp16": frozenset({"avx512_fp16", "asimdhp"}),
}
"""Our word for a feature, and the kernel's for it: any one of them will do."""

ARM, NVIDIA = "0x41", "0x4e"
CORES: Mapping[tuple[str, str], str] = {
    (ARM, "0xd03"): "Cortex-A53",
    (ARM, "0xd04"): "Cortex-A35",
    (ARM, "0xd05"): "Cortex-A55",
    (ARM, "0xd07"): "Cortex-A57",
    (ARM, "0xd08"): "Cortex-A72",
    (ARM, "0xd09"): "Cortex-A73",
    (ARM, "0xd0a"): "Cortex-A75",
    (ARM, "0xd0b"): "Cortex-A76",
    (ARM, "0xd0c"): "Neoverse-N1",
    (ARM, "0xd0d"): "Cortex-A77",
    (ARM, "0xd40"): "Neoverse-V1",
    (ARM, "0xd41"): "Cortex-A78",
    (ARM, "0xd42"): "Cortex-A78AE",
    (ARM, "0xd49"): "Neoverse-N2",
    (ARM, "0xd4f"): "Neoverse-V2",
    (ARM, "0xd83"): "Neoverse-V3AE",
    (NVIDIA, "0x003"): "Denver 2",
    (NVIDIA, "0x004"): "Carmel",
}
"""Implementer and part number of cores that have no other name in /proc/cpuinfo."""


@dataclass(frozen=True, slots=True)
class Processor:
    """Name, cores that this process may use, and the features that matter, in our words."""

    name: str
    cores: int
    features: tuple[str, ...]


def processor(root: Path = Path("/")) -> Processor:
    """The processor of this machine; of a mixed one, each kind of core is named once."""
    cpuinfo = root / "proc/cpuinfo"
    told = pairs(cpuinfo, ":")
    words = frozenset((told.get("flags") or told.get("Features") or "").split())
    features = tuple(name for name, signs in FEATURES.items() if signs & words)
    name = _arm_cores(cpuinfo) or told.get("model name", "unnamed processor")
    return Processor(name, usable_cores(root), features)


def _arm_cores(cpuinfo: Path) -> str:
    """As in "Cortex-A57 + Denver 2", by part numbers; empty where one has no name, or on x86."""
    found: dict[str, None] = {}
    implementer = ""
    for line in text(cpuinfo).splitlines():
        key, _, value = (part.strip() for part in line.partition(":"))
        if key == "CPU implementer":
            implementer = value.lower()
        elif key == "CPU part":
            found[CORES.get((implementer, value.lower()), "")] = None
    return "" if "" in found else " + ".join(found)
