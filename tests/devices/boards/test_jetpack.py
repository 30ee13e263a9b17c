"""Which JetPack a Jetson runs, from what NVIDIA's files say."""

from pathlib import Path

import pytest

from devices.boards.jetpack import jetpack, l4t
from tests.devices.machines import Machine


@pytest.mark.parametrize(
    ("line", "release"),
    [
        ("# R32 (release), REVISION: 5.1, GCID: 26202423, BOARD: t186ref", "32.5.1"),
        ("# R32 (release), REVISION: 5, GCID: 25531747, BOARD: t210ref", "32.5.0"),
        ("# R35 (release), REVISION: 4.1, GCID: 33958178, BOARD: t186ref", "35.4.1"),
        ("# R39 (release), REVISION: 2.0, GCID: 1, BOARD: generic", "39.2.0"),
        ("something else", ""),
    ],
)
def test_the_release_is_read_from_its_file(line: str, release: str, tmp_path: Path) -> None:
    Machine(tmp_path).file("etc/nv_tegra_release", f"{line}, EABI: aarch64\n# KERNEL: oot\n")
    assert l4t(tmp_path) == release


def test_without_its_file_the_package_tells_the_release(tmp_path: Path) -> None:
    Machine(tmp_path).file(
        "var/lib/dpkg/status",
        "Package: nvidia-l4t-configs\nStatus: install ok installed\nVersion: 1.2.3-1\n\n"
        "Package: nvidia-l4t-core\nStatus: install ok installed\nArchitecture: arm64\n"
        "Version: 36.4.3-20250107174145\nDescription: NVIDIA Core Package\n\n"
        "Package: zlib1g\nVersion: 1:1.2.11\n",
    )
    assert l4t(tmp_path) == "36.4.3"


def test_a_package_without_a_version_does_not_take_the_next_ones(tmp_path: Path) -> None:
    status = "Package: nvidia-l4t-core\nStatus: deinstall\n\nPackage: zlib1g\nVersion: 1.2.11\n"
    Machine(tmp_path).file("var/lib/dpkg/status", status)
    assert l4t(tmp_path) == ""


def test_other_machines_have_no_release(tmp_path: Path) -> None:
    assert l4t(tmp_path) == ""


@pytest.mark.parametrize(
    ("release", "named"),
    [
        ("32.7.6", "4.6.6"),
        ("35.4.1", "5.1.2"),
        ("36.4.3", "6.2"),
        ("38.4.0", "7.1"),
        ("36.9.9", "6"),
        ("99.0.0", ""),
        ("", ""),
    ],
)
def test_a_release_means_a_jetpack_or_at_least_a_generation(release: str, named: str) -> None:
    assert jetpack(release) == named
