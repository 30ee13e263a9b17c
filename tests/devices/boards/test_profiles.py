from pathlib import Path

import pytest

from devices.boards.board import Board, board
from devices.boards.profiles import TABLE, Row, has_ribbon_camera, profile_here, profile_of
from tests.devices.machines import Machine, deeplens, jetson_orin, raspberry_pi_5

BOARDS = Path(__file__).parents[3] / "docs" / "boards.md"


def pi(model: str) -> Board:
    return Board("raspberrypi", model, "raspberry-pi", "aarch64", told_by="/proc/device-tree")


def jetson(model: str) -> Board:
    return Board("nvidia", model, "jetson", "aarch64", told_by="/proc/device-tree")


@pytest.mark.parametrize(
    ("found", "name"),
    [
        (pi("Raspberry Pi 5 Model B Rev 1.0"), "raspberry-pi-5"),
        (pi("Raspberry Pi 500 Rev 1.0"), "raspberry-pi-5"),
        (pi("Raspberry Pi Compute Module 5 Rev 1.0"), "raspberry-pi-5"),
        (pi("Raspberry Pi 4 Model B Rev 1.4"), "raspberry-pi-4"),
        (pi("Raspberry Pi Compute Module 4 Rev 1.0"), "raspberry-pi-4"),
        (pi("Raspberry Pi 3 Model B Plus Rev 1.3"), "raspberry-pi-3"),
        (pi("Raspberry Pi Zero 2 W Rev 1.0"), "raspberry-pi-3"),
        (jetson("NVIDIA Jetson AGX Orin Developer Kit"), "jetson-orin"),
        (jetson("NVIDIA Jetson Orin Nano Developer Kit"), "jetson-orin"),
        (jetson("NVIDIA Jetson Nano Developer Kit"), "jetson-nano"),
        (jetson("NVIDIA Jetson Xavier NX Developer Kit"), "jetson"),
        (Board("Amazon", "AWS DeepLens", "deeplens", "x86_64"), "deeplens"),
        (Board("LENOVO", "20XW", "pc", "x86_64"), "pc"),
        (Board("hardkernel", "ODROID-N2", "pc", "aarch64"), "unknown"),
    ],
)
def test_a_board_is_known_by_its_model(found: Board, name: str) -> None:
    assert profile_of(found, ribbon=False).name == name


@pytest.mark.parametrize(
    ("machine", "name"),
    [
        (raspberry_pi_5, "raspberry-pi-5"),
        (deeplens, "deeplens"),
        (lambda root: jetson_orin(root, "36", "4.3"), "jetson-orin"),
        (Machine, "pc"),
    ],
)
def test_a_machine_has_the_profile_of_what_it_says_of_itself(
    machine: object, name: str, tmp_path: Path
) -> None:
    assert callable(machine)
    machine(tmp_path)
    found = profile_of(board(tmp_path, "x86_64"), ribbon=False)
    assert found.name == name


@pytest.mark.parametrize(
    ("files", "why"),
    [
        (
            {"proc/device-tree/model": "Raspberry Pi 4 Model B\0",
             "proc/device-tree/compatible": "raspberrypi,4-model-b\0"},
            "/proc/device-tree says 'Raspberry Pi 4 Model B'",
        ),
        (
            {"sys/class/dmi/id/sys_vendor": "Amazon\n",
             "sys/class/dmi/id/product_name": "AWS DeepLens\n"},
            "/sys/class/dmi/id says 'Amazon AWS DeepLens'",
        ),
        ({}, "nothing says what it is"),
    ],
)  # fmt: skip
def test_a_profile_says_what_told_it(files: dict[str, str], why: str, tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    for path, words in files.items():
        machine.file(path, words)
    assert profile_here(tmp_path, tmp_path / "video").why == why


def test_a_pc_has_no_default_of_its_own() -> None:
    assert profile_of(Board("LENOVO", "20XW", "pc", "x86_64"), ribbon=False).defaults == ()


@pytest.mark.parametrize(
    ("machine", "node", "kind", "source"),
    [
        (raspberry_pi_5, "rp1-cfe-csi2_ch0", "picamera2", "0"),
        (raspberry_pi_5, "HD Pro Webcam C920", "v4l2", "/dev/video0"),
        (
            lambda root: jetson_orin(root, "36", "4.3"),
            "vi-output, imx219 9-0010", "gstreamer", "nvarguscamerasrc ! nvvidconv",
        ),
        (deeplens, "unicam-image", "v4l2", "/dev/video0"),
    ],
)  # fmt: skip
def test_a_camera_on_the_ribbon_cable_is_read_by_who_makes_pictures_of_it(
    machine: object, node: str, kind: str, source: str, tmp_path: Path
) -> None:
    assert callable(machine)
    machine(tmp_path)
    Machine(tmp_path).file("sys/class/video4linux/video0/name", f"{node}\n")
    camera = profile_here(tmp_path, tmp_path / "sys/class/video4linux").of("camera")
    assert (camera["kind"], camera["source"]) == (kind, source)


def test_without_a_node_there_is_no_camera_on_the_cable(tmp_path: Path) -> None:
    assert not has_ribbon_camera("raspberry-pi", tmp_path)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_every_profile_stands_in_the_docs_with_its_values(row: Row) -> None:
    numbers = f"{row.width} × {row.height} | {row.fps:g} | {row.budget_ms:g} |"
    lines = [line for line in BOARDS.read_text().splitlines() if line.startswith(f"| `{row.name}`")]
    assert len(lines) == 1
    assert lines[0].endswith(numbers)


def test_half_of_a_period_is_what_masking_may_cost() -> None:
    for row in TABLE:
        assert row.budget_ms == pytest.approx(500 / row.fps, abs=1)
