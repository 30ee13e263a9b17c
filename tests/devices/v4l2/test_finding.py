import os
from pathlib import Path

import pytest

from devices.device_node import why_closed
from devices.errors import DeviceUnavailable
from devices.v4l2.finding import CameraNode, camera_node, cameras


class Plugged:
    """A machine whose cameras nobody may open: sysfs tells their names and serial numbers."""

    def __init__(self, root: Path) -> None:
        self.root, self.video, self.dev = root, root / "class", root / "dev"
        self.video.mkdir()
        self.dev.mkdir()

    def camera(
        self, number: int, name: str, port: str = "", serial: str = "", index: int = 0
    ) -> str:
        """A node of the USB camera in this port, or of none; returns its path."""
        entry = self.video / f"video{number}"
        entry.mkdir()
        (entry / "name").write_text(f"{name}\n")
        (entry / "index").write_text(f"{index}\n")
        if port:
            device = self.root / "devices" / port
            (device / f"{port}:1.0").mkdir(parents=True, exist_ok=True)
            (device / "idVendor").write_text("046d\n")
            (entry / "device").symlink_to(device / f"{port}:1.0")
            if serial:
                (device / "serial").write_text(f"{serial}\n")
        return str(self.dev / f"video{number}")

    def link(self, path: str, node: str) -> None:
        """What udev makes."""
        place = self.dev / "v4l" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(os.path.relpath(node, place.parent))

    def listed(self) -> tuple[CameraNode, ...]:
        return cameras(self.video, self.dev)

    def find(self, source: str) -> str:
        return camera_node(source, self.video, self.dev)


@pytest.fixture
def machine(tmp_path: Path) -> Plugged:
    return Plugged(tmp_path)


def test_a_machine_without_cameras_lists_none(tmp_path: Path) -> None:
    assert cameras(tmp_path / "video4linux", tmp_path) == ()


def test_a_camera_that_cannot_be_asked_is_listed_with_the_reason(machine: Plugged) -> None:
    node = machine.camera(0, "Door")
    problem = why_closed(Path(node))
    assert machine.listed() == (CameraNode(node, "Door", problem=problem),)
    assert "is missing" in problem


def test_the_metadata_node_of_a_camera_is_not_listed(machine: Plugged) -> None:
    machine.camera(1, "Door", index=1)
    assert machine.listed() == ()


def test_cameras_are_listed_by_number(machine: Plugged) -> None:
    for number in (10, 2, 1):
        machine.camera(number, f"C{number}")
    assert [camera.name for camera in machine.listed()] == ["C1", "C2", "C10"]


def test_a_camera_is_listed_with_its_serial_and_what_udev_calls_it(machine: Plugged) -> None:
    node = machine.camera(0, "Door", "1-2", "8F2A")
    machine.camera(2, "Gate", "1-3")
    machine.link("by-path/pci-usb-0:2:1.0-video-index0", node)
    machine.link("by-id/usb-Door_8F2A-video-index0", node)
    door, gate = machine.listed()
    assert (door.serial, gate.serial) == ("8F2A", "")
    assert [Path(link).name for link in door.links] == [
        "usb-Door_8F2A-video-index0",
        "pci-usb-0:2:1.0-video-index0",
    ]
    assert gate.links == ()


@pytest.mark.parametrize("path", ["/dev/v4l/by-id/usb-x:1.0-video-index0", "/dev/video7", "video7"])
def test_a_path_stands_for_itself(path: str, machine: Plugged) -> None:
    assert machine.find(path) == path


def test_a_camera_is_found_by_its_name(machine: Plugged) -> None:
    machine.camera(0, "Gate")
    node = machine.camera(3, "HD Pro Webcam")
    assert machine.find("name:HD Pro Webcam") == node
    assert machine.find("name: HD Pro Webcam ") == node


def test_a_camera_is_found_by_its_serial_number_among_others_of_its_name(machine: Plugged) -> None:
    machine.camera(0, "Webcam", "1-1", "A")
    node = machine.camera(2, "Webcam", "1-2", "B")
    assert machine.find("serial:B") == node


def test_of_a_camera_with_several_nodes_the_first_is_taken(machine: Plugged) -> None:
    node = machine.camera(4, "Webcam", "1-1", "A")
    machine.camera(5, "Webcam", "1-1", "A", index=1)
    machine.camera(6, "Webcam", "1-1", "A", index=0)
    assert machine.find("serial:A") == machine.find("name:Webcam") == node


@pytest.mark.parametrize("source", ["name:Another", "serial:Another", "serial:", "name:"])
def test_what_is_not_there_is_not_found(source: str, machine: Plugged) -> None:
    machine.camera(0, "Webcam", "1-1", "A")
    machine.camera(2, "", "1-2")
    with pytest.raises(FileNotFoundError):
        machine.find(source)


def test_a_name_that_two_cameras_have_is_refused_and_both_are_listed(machine: Plugged) -> None:
    first = machine.camera(0, "Webcam", "1-1", "A")
    second = machine.camera(2, "Webcam", "1-2")
    machine.link("by-path/pci-usb-0:2:1.0-video-index0", second)
    link = f"{machine.dev}/v4l/by-path/pci-usb-0:2:1.0-video-index0"
    with pytest.raises(DeviceUnavailable) as refused:
        machine.find("name:Webcam")
    assert str(refused.value) == (
        f"camera name:Webcam is one of 2 with this name: {first} (serial:A), {second} ({link}); "
        "set source to the serial or the /dev/v4l/by-path link of one"
    )


def test_a_serial_number_that_two_cameras_have_is_refused(machine: Plugged) -> None:
    left = machine.camera(0, "Left", "1-1", "0001")
    right = machine.camera(2, "Right", "1-2", "0001")
    with pytest.raises(DeviceUnavailable) as refused:
        machine.find("serial:0001")
    assert str(refused.value) == (
        f"camera serial:0001 is one of 2 with this serial: {left} (serial:0001), "
        f"{right} (serial:0001); set source to the /dev/v4l/by-path link of one"
    )
