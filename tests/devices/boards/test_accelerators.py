"""Accelerators as real machines show them: what is found, and why it cannot be used."""

from pathlib import Path

import pytest

from devices.boards.accelerators import Accelerator, accelerators
from tests.devices.machines import Machine, deeplens, jetson_orin, raspberry_pi_5
from tests.devices.ordinary_user import as_an_ordinary_user


def names(machine: Machine) -> list[str]:
    return [f"{found.kind}: {found.vendor} {found.name}" for found in accelerators(machine.root)]


def only(machine: Machine) -> Accelerator:
    (found,) = accelerators(machine.root)
    return found


def test_this_machine_can_be_asked() -> None:
    assert all(found.vendor and found.name and found.bus for found in accelerators())


def test_a_machine_without_any_has_none(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.pci("0000:00:01.0", "1AF4:1050", "30000", "virtio-pci", ("drm/card0",))
    machine.pci("0000:00:02.0", "1A03:2000", "30000", "ast")
    machine.usb("2-1", "46d/8e5/0", "bus/usb/002/002")
    assert accelerators(machine.root) == ()


@pytest.mark.parametrize(("release", "revision"), [("35", "4.1"), ("36", "4.3")])
def test_an_orin_has_a_gpu_and_two_dlas_on_its_chip(
    release: str, revision: str, tmp_path: Path
) -> None:
    orin = jetson_orin(tmp_path, release, revision)
    assert names(orin) == [
        "gpu: NVIDIA Orin (Ampere)",
        "dla: NVIDIA Orin nvdla0",
        "dla: NVIDIA Orin nvdla1",
    ]
    assert all(found.nodes and not found.problem for found in accelerators(orin.root))


def test_a_jetson_whose_nodes_are_missing_in_a_container_says_so(tmp_path: Path) -> None:
    orin = Machine(tmp_path)
    orin.on_chip("17000000.gpu", "gpu", ("nvidia,ga10b",), "gk20a")
    assert "nvgpu/igpu0/ctrl is missing: into a container it must be passed" in only(orin).problem


def test_a_thor_has_its_gpu_on_pci(tmp_path: Path) -> None:
    thor = Machine(tmp_path)
    thor.pci("0000:01:00.0", "10DE:2B00", "30000", "nvidia", ("drm/renderD128",))
    thor.nodes("nvidia0", "nvidiactl", "dri/renderD128")
    assert names(thor) == ["gpu: NVIDIA Thor (Blackwell)"]


def test_a_pi_with_a_coral_on_usb(tmp_path: Path) -> None:
    pi = raspberry_pi_5(tmp_path)
    pi.usb("2-1", "1a6e/89a/100", "bus/usb/002/003")
    pi.nodes("bus/usb/002/003")
    gpu, coral = accelerators(pi.root)
    assert (coral.kind, coral.name, coral.bus) == ("edgetpu", "Coral Edge TPU", "usb 2-1")
    assert coral.nodes == (str(tmp_path / "dev/bus/usb/002/003"),)
    assert not coral.problem
    assert (gpu.name, gpu.nodes) == ("VideoCore VII", (str(tmp_path / "dev/dri/renderD128"),))


def test_a_coral_that_was_used_before_has_another_number(tmp_path: Path) -> None:
    pi = Machine(tmp_path)
    pi.usb("2-1", "18d1/9302/100", "bus/usb/002/004")
    assert only(pi).kind == "edgetpu"


def test_a_pi_with_a_hailo_on_pci(tmp_path: Path) -> None:
    pi = raspberry_pi_5(tmp_path)
    pi.pci("0001:01:00.0", "1E60:2864", "B4000", "hailo", ("hailo_chardev/hailo0",))
    pi.nodes("hailo0")
    hailo = accelerators(pi.root)[1]
    assert (hailo.vendor, hailo.name, hailo.driver) == ("Hailo", "8 or 8L", "hailo")
    assert hailo.nodes == (str(tmp_path / "dev/hailo0"),)
    assert not hailo.problem


def test_a_coral_on_pci_without_its_driver_names_the_package(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.pci("0000:03:00.0", "1AC1:089A", "88000")
    assert only(machine).problem == (
        "no kernel driver has taken it: install gasket-dkms from github.com/google/gasket-driver"
    )


def test_a_deeplens_has_intel_graphics(tmp_path: Path) -> None:
    gpu = only(deeplens(tmp_path))
    assert (gpu.vendor, gpu.name) == ("Intel", "HD Graphics 500 (Apollo Lake)")
    assert (gpu.bus, gpu.driver, gpu.problem) == ("0000:00:02.0", "i915", "")


def test_a_gpu_of_nvidia_tells_its_name_through_its_driver(tmp_path: Path) -> None:
    pc = Machine(tmp_path)
    pc.pci("0000:01:00.0", "10DE:2684", "30000", "nvidia", ("drm/card0", "drm/renderD128"))
    pc.file(
        "proc/driver/nvidia/gpus/0000:01:00.0/information",
        "Model: \t\t NVIDIA GeForce RTX 4090\nIRQ:   \t\t 142\nDevice Minor: \t 0\n",
    )
    pc.nodes("nvidia0", "nvidiactl")
    gpu = only(pc)
    assert gpu.name == "NVIDIA GeForce RTX 4090"
    assert gpu.nodes == (str(tmp_path / "dev/nvidia0"), str(tmp_path / "dev/nvidiactl"))
    assert not gpu.problem


@pytest.mark.parametrize(
    ("driver", "problem"),
    [
        ("", "no kernel driver has taken it: install NVIDIA's"),
        ("nouveau", "nouveau drives it, which computes nothing: install NVIDIA's own driver"),
        ("vfio-pci", "it is set aside for a virtual machine"),
    ],
)
def test_a_gpu_of_nvidia_that_nothing_can_use_says_why(
    driver: str, problem: str, tmp_path: Path
) -> None:
    pc = Machine(tmp_path)
    pc.pci("0000:01:00.0", "10DE:2684", "30000", driver)
    pc.pci("0000:01:00.1", "10DE:22BA", "40300", "snd_hda_intel")
    assert only(pc).name == "GPU 10de:2684"
    assert only(pc).problem.startswith(problem)


def core_ultra(root: Path) -> Machine:
    """A PC with Intel graphics and NPU; their nodes exist."""
    pc = Machine(root)
    pc.pci("0000:00:02.0", "8086:7D55", "30000", "i915", ("drm/card1", "drm/renderD128"))
    pc.pci("0000:00:0b.0", "8086:7D1D", "120000", "intel_vpu", ("accel/accel0",))
    pc.nodes("dri/card1", "dri/renderD128", "accel/accel0")
    return pc


def test_nodes_that_this_user_may_not_open_say_what_to_do(open_folder: Path) -> None:
    pc = core_ultra(open_folder)
    for node in ("dri/renderD128", "accel/accel0"):
        (pc.root / "dev" / node).chmod(0)
    with as_an_ordinary_user():
        problems = [found.problem for found in accelerators(pc.root)]
    assert problems[0].startswith(f"this user may not open {pc.root}/dev/dri/renderD128: ")
    assert problems[1].startswith(f"this user may not open {pc.root}/dev/accel/accel0: ")


def test_nodes_that_this_user_may_open_are_no_problem(open_folder: Path) -> None:
    pc = core_ultra(open_folder)
    with as_an_ordinary_user():
        found = accelerators(pc.root)
    assert [(one.kind, one.name, one.problem) for one in found] == [
        ("gpu", "graphics 8086:7d55", ""),
        ("npu", "NPU (Meteor Lake)", ""),
    ]
