"""ONNX Runtime on GPUs that are not here: a stand-in for its build, a library for the driver."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper

from models.backend import Placement
from models.backends.onnxruntime import OnnxRuntime, session_options
from models.settings import RuntimeSettings
from tests.models.backends import stand_in_onnxruntime
from tests.models.backends.libraries import build, run_with
from tests.models.backends.small_network import SIDE, small_answers, small_network
from tests.models.networks import colour_network

TENSORRT, CUDA, CPU = (f"{name}ExecutionProvider" for name in ("Tensorrt", "CUDA", "CPU"))
ALL = " ".join((TENSORRT, CUDA, CPU))
DEVICES = """
import json
from models.backends.onnxruntime import OnnxRuntime
from models.settings import RuntimeSettings
devices = OnnxRuntime.devices(RuntimeSettings())
print(json.dumps({one.name: (one.problem, one.maths, one.detail) for one in devices}))
"""
OPEN = """
import sys
from pathlib import Path
from models.backend import Placement
from models.backends.onnxruntime import OnnxRuntime
from models.errors import BackendUnavailable
from models.settings import RuntimeSettings
file, device, math, cache = sys.argv[1:]
try:
    OnnxRuntime(Path(file), Placement(device, math), RuntimeSettings(cache=cache))
except BackendUnavailable as error:
    print(error)
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with the stand-in for the package."""
    package = tmp_path / "site" / "onnxruntime"
    package.mkdir(parents=True)
    shutil.copy(stand_in_onnxruntime.__file__, package / "__init__.py")
    return package.parent


@pytest.fixture
def gpu(site: Path) -> Path:
    """The same folder, with a driver that answers."""
    build("cuda.c", site / "libcuda.so.1")
    return site


def devices(site: Path, **environment: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run_with(site, DEVICES, **{"BUILT": ALL} | environment))
    return found


def opened(site: Path, device: str, math: str, got: str) -> list[str]:
    """What the session was asked for, and the sentence if it was refused."""
    path, cache = str(colour_network(site / "colours.onnx")), str(site / "cache")
    said = run_with(site, OPEN, path, device, math, cache, BUILT=ALL, GETS=got)
    return said.splitlines()


def test_a_gpu_is_a_device_with_its_name_when_build_and_driver_are_there(gpu: Path) -> None:
    found = devices(gpu)
    assert list(found) == ["tensorrt", "cuda", "openvino", "cpu"]
    assert found["cuda"] == ["", ["float32"], "Test GPU"]
    assert found["tensorrt"] == ["", ["float16", "float32"], "Test GPU"]


def test_a_build_without_cuda_says_what_to_install_where_there_is_a_gpu(gpu: Path) -> None:
    found = devices(gpu, BUILT=CPU)
    assert "this onnxruntime has no CUDA: pip" in found["cuda"][0]
    assert "this onnxruntime has no TensorRT: pip" in found["tensorrt"][0]
    assert 'has no OpenVINO: write backend = "openvino"' in found["openvino"][0]
    assert found["cpu"] == ["", ["float32"], ""]


def test_without_a_driver_that_is_what_is_told(site: Path) -> None:
    problem, _, name = devices(site)["cuda"]
    assert "there is no driver of NVIDIA (libcuda.so.1)" in problem
    assert name == ""


def test_a_driver_without_a_gpu_is_told_with_its_error(site: Path) -> None:
    build("cuda.c", site / "libcuda.so.1", "-DSTATUS=100")
    assert "finds no GPU (CUDA error 100): see what nvidia-smi" in devices(site)["cuda"][0]


def test_libraries_of_cuda_that_are_missing_are_named(gpu: Path) -> None:
    problem = devices(gpu, MISSING="Failed to load libcudnn.so.9: no such file")["cuda"][0]
    assert problem == "Failed to load libcudnn.so.9: pip install 'onnxruntime-gpu[cuda,cudnn]'"


def test_a_session_that_fell_back_to_the_cpu_in_silence_is_refused(gpu: Path) -> None:
    _, sentence = opened(gpu, "cuda", "float32", got=CPU)
    assert "colours.onnx on the CPU in place of cuda" in sentence
    assert "onnxruntime 9.9" in sentence


def test_cuda_computes_in_true_single_precision(gpu: Path) -> None:
    (asked,) = opened(gpu, "cuda", "float32", got=CUDA)
    assert json.loads(asked) == [[CUDA, {"use_tf32": "0"}], [CPU, {}]]


@pytest.mark.parametrize(("math", "half"), [("float16", "1"), ("float32", "0")])
def test_tensorrt_keeps_its_engines_and_leaves_the_rest_to_cuda(
    gpu: Path, math: str, half: str
) -> None:
    (asked,) = opened(gpu, "tensorrt", math, got=TENSORRT)
    (first, options), *others = json.loads(asked)
    assert [first, *(name for name, _ in others)] == [TENSORRT, CUDA, CPU]
    assert options["trt_fp16_enable"] == half
    assert options["trt_engine_cache_enable"] == options["trt_timing_cache_enable"] == "1"
    assert options["trt_engine_cache_path"] == str(gpu / "cache")


def test_threads_do_not_spin_between_runs() -> None:
    options = session_options(Placement(threads=3))
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (3, 1)


def test_constants_that_a_file_lists_as_inputs_are_constants_all_the_same(tmp_path: Path) -> None:
    model = onnx.load(small_network(tmp_path / "small.onnx"))
    model.graph.input.extend(
        helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims)
        for tensor in model.graph.initializer
    )
    onnx.save(model, tmp_path / "old.onnx")
    backend = OnnxRuntime(tmp_path / "old.onnx", Placement(), RuntimeSettings())
    assert backend._session.get_overridable_initializers() == []
    pixels = np.ones((1, 3, SIDE, SIDE), np.float32)
    np.testing.assert_allclose(backend.run(pixels)[0], small_answers(pixels), atol=1e-5)


def test_the_cpu_is_always_there() -> None:
    *_, last = OnnxRuntime.devices(RuntimeSettings())
    assert (last.name, last.problem) == ("cpu", "")
