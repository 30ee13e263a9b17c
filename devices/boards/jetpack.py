"""Which release of NVIDIA's software a Jetson runs."""

import re
from collections.abc import Mapping
from pathlib import Path

from devices.kernel_text import text

RELEASES: Mapping[str, str] = {
    "32.4.3": "4.4",
    "32.4.4": "4.4.1",
    "32.5.0": "4.5",
    "32.5.1": "4.5.1",
    "32.5.2": "4.5.1",
    "32.6.1": "4.6",
    "32.7.1": "4.6.1",
    "32.7.2": "4.6.2",
    "32.7.3": "4.6.3",
    "32.7.4": "4.6.4",
    "32.7.5": "4.6.5",
    "32.7.6": "4.6.6",
    "35.1.0": "5.0.2",
    "35.2.1": "5.1",
    "35.3.1": "5.1.1",
    "35.4.1": "5.1.2",
    "35.5.0": "5.1.3",
    "35.6.0": "5.1.4",
    "35.6.1": "5.1.5",
    "35.6.2": "5.1.5",
    "36.3.0": "6.0",
    "36.4.0": "6.1",
    "36.4.3": "6.2",
    "36.4.4": "6.2.1",
    "36.4.7": "6.2.1",
    "36.5.0": "6.2.2",
    "36.5.2": "6.2.3",
    "38.2.0": "7.0",
    "38.2.1": "7.0",
    "38.4.0": "7.1",
    "39.2.0": "7.2",
    "39.2.1": "7.2.1",
}
"""L4T and the JetPack that brought it, as NVIDIA's JetPack archive pairs them."""

GENERATIONS: Mapping[str, str] = {"32": "4", "34": "5", "35": "5", "36": "6", "38": "7", "39": "7"}
"""What is known of a release that is not in the table."""

_RELEASE = re.compile(r"R(\d+) \(release\), REVISION: ([\d.]+)")
_PACKAGE = re.compile(r"^Package: nvidia-l4t-core$(?:\n.+)*?\nVersion: ([\d.]+)", re.MULTILINE)


def l4t(root: Path = Path("/")) -> str:
    """The release of Linux for Tegra, "36.4.3"; empty on every other machine."""
    release = _RELEASE.search(text(root / "etc/nv_tegra_release"))
    if release:
        return _three_numbers(".".join(release.groups()))
    package = _PACKAGE.search(text(root / "var/lib/dpkg/status"))
    return _three_numbers(package[1]) if package else ""


def jetpack(release: str) -> str:
    """The JetPack of an L4T release: "6.2", or "6" where only the generation is known, or ""."""
    return RELEASES.get(release) or GENERATIONS.get(release.partition(".")[0], "")


def _three_numbers(release: str) -> str:
    """Old releases leave the last number out where it is 0: "32.5"."""
    return ".".join((*release.split("."), "0")[:3])
