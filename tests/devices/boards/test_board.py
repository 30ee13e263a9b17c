from pathlib import Path

import pytest

from devices.boards.board import Board, board
from tests.devices.machines import Machine, deeplens, jetson_orin, raspberry_pi_5


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        Machine(folder).file(name, text)
    return folder


def pc(folder: Path, vendor: str, product: str) -> Path:
    """A PC with these words in its firmware, on a board of ASRock."""
    dmi = {"sys_vendor": vendor, "product_name": product}
    dmi |= {"board_vendor": "ASRock", "board_name": "IMB-194-L"}
    return written(folder, {f"sys/class/dmi/id/{key}": f"{text}\n" for key, text in dmi.items()})


def test_a_raspberry_pi_is_known_by_its_device_tree(tmp_path: Path) -> None:
    model = "Raspberry Pi 5 Model B Rev 1.0"
    found = board(raspberry_pi_5(tmp_path).root, "aarch64")
    assert found == Board("raspberrypi", model, "raspberry-pi", "aarch64")
    assert found.name == model


@pytest.mark.parametrize(
    ("release", "revision", "l4t", "jetpack"),
    [("35", "4.1", "35.4.1", "5.1.2"), ("36", "4.3", "36.4.3", "6.2")],
)
def test_a_jetson_is_known_with_its_jetpack(
    release: str, revision: str, l4t: str, jetpack: str, tmp_path: Path
) -> None:
    model = "NVIDIA Jetson AGX Orin Developer Kit"
    found = board(jetson_orin(tmp_path, release, revision).root, "aarch64")
    assert found == Board("nvidia", model, "jetson", "aarch64", l4t, jetpack)
    assert found.name == model


def test_a_deeplens_is_known_by_its_firmware(tmp_path: Path) -> None:
    found = board(deeplens(tmp_path).root, "x86_64")
    assert found == Board("Amazon", "AWS DeepLens", "deeplens", "x86_64")


def test_a_pc_is_known_by_vendor_and_product(tmp_path: Path) -> None:
    assert board(pc(tmp_path, "LENOVO", "20XW"), "x86_64") == Board(
        "LENOVO", "20XW", "pc", "x86_64"
    )


@pytest.mark.parametrize("blank", ["To Be Filled By O.E.M.", "Default string", ""])
def test_what_nobody_filled_in_gives_way_to_the_mainboard(blank: str, tmp_path: Path) -> None:
    assert board(pc(tmp_path, blank, blank)).name == "ASRock IMB-194-L"


def test_a_pc_does_not_become_a_jetson_by_its_graphics(tmp_path: Path) -> None:
    release = "# R36 (release), REVISION: 4.3, GCID: 1"
    found = board(written(pc(tmp_path, "NVIDIA", "DGX"), {"etc/nv_tegra_release": release}))
    assert (found.kind, found.l4t, found.name) == ("pc", "", "NVIDIA DGX")


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({}, "unnamed PC"),
        ({"proc/cpuinfo": "flags : fpu sse2\n"}, "unnamed PC"),
        ({"proc/cpuinfo": "flags : fpu hypervisor\n"}, "virtual machine"),
        ({"sys/hypervisor/type": "xen\n"}, "virtual machine (xen)"),
    ],
)
def test_a_machine_without_a_name_is_told_by_what_is_known(
    files: dict[str, str], name: str, tmp_path: Path
) -> None:
    assert board(written(tmp_path, files)).name == name


def test_this_machine_is_some_board() -> None:
    assert board().arch
