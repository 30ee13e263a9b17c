"""Whether an accelerator is used, and if not, the sentence that says why and what to do."""

import pytest

from devices.boards.accelerator_names import Kind
from devices.boards.accelerators import Accelerator
from models.backend import Device
from vision_app.machine.accelerator_use import (
    NOBODY,
    USERS,
    AcceleratorUse,
    ModelUse,
    notes_of_here,
    use_of,
)
from vision_app.machine.runtimes import Runtime

GPU = Accelerator("gpu", "NVIDIA", "RTX 4090", "0000:01:00.0", "nvidia")
NPU = Accelerator("npu", "Intel", "NPU (Meteor Lake)", "0000:00:0b.0", "intel_vpu")
NO_CUDA = "this onnxruntime is for processors only: pip install onnxruntime-gpu"
ON_CPU = ModelUse("shelf", "shelf", "3", "litert")


def onnxruntime(tensorrt: str = "", cuda: str = "") -> Runtime:
    devices = (Device("tensorrt", tensorrt), Device("cuda", cuda), Device("cpu"))
    return Runtime("onnxruntime", "onnxruntime-gpu 1.23.2", ("onnx",), devices)


def openvino(*devices: Device) -> Runtime:
    return Runtime("openvino", "openvino 2025.3.0", ("onnx", "tflite"), (*devices, Device("cpu")))


def test_what_runs_the_model_is_named() -> None:
    model = ModelUse("shelf", "shelf", "3", "onnxruntime cuda float16")
    use = use_of(GPU, [onnxruntime(tensorrt="libnvinfer.so.10 is missing")], model)
    assert use == AcceleratorUse(GPU, ("onnxruntime cuda",), "onnxruntime cuda", "")


def test_a_device_whose_name_begins_alike_is_another() -> None:
    use = use_of(NPU, [openvino(Device("npu"))], ModelUse("s", "s", "3", "openvino npu2"))
    assert use.used_by == ""


def test_what_could_be_used_says_what_runs_the_model_instead() -> None:
    use = use_of(GPU, [onnxruntime()], ON_CPU)
    assert use.usable_by == ("onnxruntime tensorrt", "onnxruntime cuda")
    assert use.used_by == ""
    assert use.why_not == (
        "onnxruntime tensorrt or onnxruntime cuda could use it; shelf runs on litert"
    )


def test_what_was_tried_and_passed_over_says_why() -> None:
    skipped = "openvino npu was skipped for shelf.onnx: its scores are up to 0.4 away"
    model = ModelUse(
        "shelf", "shelf", "3", "openvino", "", ("opencv was skipped for x: y", skipped)
    )
    assert use_of(NPU, [openvino(Device("npu"))], model).why_not == (
        f"openvino npu could use it; {skipped}"
    )


def test_what_this_machine_does_not_have_is_not_missed() -> None:
    notes = (
        "onnxruntime cannot use cuda: there is no driver of NVIDIA",
        "openvino cannot use npu: OpenVINO finds no NPU of Intel",
        "opencv was skipped for shelf.onnx: its scores are up to 0.4 away",
    )
    assert notes_of_here(notes, []) == notes[2:]
    assert notes_of_here(notes, [GPU]) == (notes[0], notes[2])
    assert notes_of_here(notes, [GPU, NPU]) == notes


def test_a_model_that_does_not_run_is_no_user() -> None:
    use = use_of(NPU, [openvino(Device("npu"))], ModelUse("shelf", problem="there is no bundle"))
    assert use.why_not == "openvino npu could use it, but no model runs"


def test_what_stands_in_the_way_of_everything_comes_first() -> None:
    closed = Accelerator("npu", "Intel", "NPU", "0000:00:0b.0", "intel_vpu", (), "no node")
    use = use_of(closed, [openvino(Device("npu", "no driver library"))], ON_CPU)
    assert (use.usable_by, use.why_not) == ((), "no node")
    assert use_of(closed, [openvino(Device("npu"))], ON_CPU) == use


def test_a_runtime_that_uses_it_all_the_same_is_believed() -> None:
    closed = Accelerator("npu", "Intel", "NPU", "0000:00:0b.0", "intel_vpu", (), "no node")
    model = ModelUse("shelf", "shelf", "3", "openvino npu")
    assert use_of(closed, [openvino(Device("npu"))], model).used_by == "openvino npu"


def test_a_runtime_that_is_not_installed_says_how_to_install_it() -> None:
    missing = Runtime("openvino", "", problem="pip install 'vision-app[openvino]'")
    assert use_of(NPU, [missing], ON_CPU).why_not == "pip install 'vision-app[openvino]'"


def test_a_reason_that_several_devices_share_is_told_once() -> None:
    use = use_of(GPU, [onnxruntime(NO_CUDA, NO_CUDA)], ON_CPU)
    assert (use.usable_by, use.why_not) == ((), NO_CUDA)


def test_a_runtime_that_does_not_see_the_device_is_named() -> None:
    assert use_of(NPU, [openvino(Device("gpu"))], ON_CPU).why_not == "openvino does not see it"
    assert use_of(NPU, [], ON_CPU).why_not == "there is no backend openvino"


@pytest.mark.parametrize(("vendor", "kind"), NOBODY)
def test_what_no_runtime_uses_says_why(vendor: str, kind: Kind) -> None:
    chip = Accelerator(kind, vendor, "chip", "bus", "driver")
    assert use_of(chip, [onnxruntime(), openvino()], ON_CPU).why_not == NOBODY[vendor, kind]
    assert (vendor, kind) not in USERS
