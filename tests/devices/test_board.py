from pathlib import Path

import pytest

from devices.board import Board, CameraNode, board, camera_node, cameras


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.parametrize(
    ("tree", "dmi", "expected"),
    [
        (
            {
                "model": "Raspberry Pi 4 Model B Rev 1.4\0",
                "compatible": "raspberrypi,4-model-b\0brcm,bcm2711\0",
            },
            {},
            Board("raspberrypi", "Raspberry Pi 4 Model B Rev 1.4", "raspberry-pi", "aarch64"),
        ),
        (
            {
                "model": "NVIDIA Orin Nano Developer Kit\0",
                "compatible": "nvidia,p3768-0000+p3767-0005\0nvidia,p3767-0005\0nvidia,tegra234\0",
            },
            {},
            Board("nvidia", "NVIDIA Orin Nano Developer Kit", "jetson", "aarch64"),
        ),
        (
            {},
            {"sys_vendor": "Amazon\n", "product_name": "AWS DeepLens\n"},
            Board("Amazon", "AWS DeepLens", "deeplens", "aarch64"),
        ),
        (
            {},
            {"sys_vendor": "LENOVO\n", "product_name": "20XW\n"},
            Board("LENOVO", "20XW", "pc", "aarch64"),
        ),
        ({}, {}, Board("", "", "pc", "aarch64")),
    ],
)
def test_a_board_is_known_by_what_it_says_of_itself(
    tree: dict[str, str], dmi: dict[str, str], expected: Board, tmp_path: Path
) -> None:
    device_tree, tables = written(tmp_path / "tree", tree), written(tmp_path / "dmi", dmi)
    assert board(device_tree, tables, "aarch64") == expected


def test_this_machine_is_some_board() -> None:
    assert board().arch


def test_a_machine_without_cameras_lists_none(tmp_path: Path) -> None:
    assert cameras(tmp_path / "video4linux", tmp_path) == ()


def test_a_camera_that_cannot_be_asked_is_listed_with_the_reason(tmp_path: Path) -> None:
    video = written(tmp_path / "video", {"video0/name": "Door\n", "video0/index": "0\n"})
    assert cameras(video, tmp_path) == (
        CameraNode(str(tmp_path / "video0"), "Door", problem="No such file or directory"),
    )


def test_the_metadata_node_of_a_camera_is_not_listed(tmp_path: Path) -> None:
    video = written(tmp_path / "video", {"video1/name": "Door\n", "video1/index": "1\n"})
    assert cameras(video, tmp_path) == ()


def test_cameras_are_listed_by_number(tmp_path: Path) -> None:
    video = written(tmp_path / "video", {f"video{n}/name": f"C{n}" for n in (10, 2, 1)})
    assert [camera.name for camera in cameras(video, tmp_path)] == ["C1", "C2", "C10"]


def test_a_camera_is_found_by_its_name_and_a_path_stands_for_itself(tmp_path: Path) -> None:
    video = written(tmp_path / "video", {"video3/name": "HD Pro Webcam\n"})
    found = camera_node("name:HD Pro Webcam", video, tmp_path)
    assert found == str(tmp_path / "video3")
    assert camera_node("/dev/v4l/by-id/x", video, tmp_path) == "/dev/v4l/by-id/x"
    with pytest.raises(FileNotFoundError):
        camera_node("name:Another", video, tmp_path)
