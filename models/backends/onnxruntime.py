"""ONNX Runtime: .onnx files on the CPU, NVIDIA GPUs, or through its build for OpenVINO."""

import io
import re
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from models.backend import Device, Math, Placement, require_placement
from models.backends.nvidia import nvidia_gpu
from models.backends.telemetry import import_onnxruntime
from models.errors import BackendUnavailable, BundleError, ModelError
from models.headers.onnx import (
    for_any_size,
    read_onnx_file,
    with_any_size,
    without_constant_inputs,
)
from models.settings import RuntimeSettings

ort = import_onnxruntime()
raised = ort.capi.onnxruntime_pybind11_state

ERRORS: tuple[type[Exception], ...] = (
    raised.EngineError, raised.EPFail, raised.Fail, raised.InvalidArgument, raised.InvalidGraph,
    raised.InvalidProtobuf, raised.NoModel, raised.NoSuchFile, raised.NotImplemented,
    raised.RuntimeException, RuntimeError, ValueError,
)  # fmt: skip
"""They have no base of their own; ValueError is also what a message that is not UTF-8 becomes."""

PROVIDERS: Mapping[str, str] = {
    "tensorrt": "TensorrtExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "cpu": "CPUExecutionProvider",
}
GPU_BUILD = "pip uninstall onnxruntime, then pip install onnxruntime-gpu (Jetson: NVIDIA's wheel)"
BUILDS: Mapping[str, str] = {
    "tensorrt": f"this onnxruntime has no TensorRT: {GPU_BUILD}",
    "cuda": f"this onnxruntime has no CUDA: {GPU_BUILD}",
    "openvino": 'this onnxruntime has no OpenVINO: write backend = "openvino"',
}
HALF: tuple[Math, ...] = ("float16", "float32")
FATAL_ONLY = 4
SHRINK = ("memory.enable_memory_arena_shrinkage", "cpu:0")


class OnnxRuntime:
    """One network in one session, for as many threads at once as it has lanes."""

    formats = ("onnx",)

    def __init__(self, weights: Path, placement: Placement, settings: RuntimeSettings) -> None:
        """Threads 0 leaves the number to the runtime, which takes one for each core."""
        require_placement(placement, self.devices(settings))
        content, header = read_onnx_file(weights)
        network: str | bytes = str(weights)
        if placement.any_size:
            header, network = for_any_size(header), with_any_size(content)
        elif header.lists_constants:
            network = without_constant_inputs(content)
        ((self._name, self.input),) = header.inputs
        self.outputs = tuple(spec for _, spec in header.outputs)
        self.lanes = placement.lanes
        self._session: Any = _session(weights, network, placement, settings)
        self._options = _shrinking() if placement.lean and placement.device == "cpu" else None

    @staticmethod
    def devices(settings: RuntimeSettings) -> tuple[Device, ...]:
        """What this build is made for, usable where the machine has it; the CPU last."""
        return tuple(_device(name, provider) for name, provider in PROVIDERS.items())

    def run(self, tensor: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        """Runs the network once; a size that the network leaves free may change between runs."""
        if self._session is None:
            raise ModelError("this network is closed: open it again")
        try:
            return tuple(self._session.run(None, {self._name: tensor}, self._options))
        except ERRORS as error:
            raise ModelError(f"ONNX Runtime could not run the network: {_reason(error)}") from None

    def close(self) -> None:
        """Frees the network."""
        self._session = None


def _device(name: str, provider: str) -> Device:
    built = provider in ort.get_available_providers()
    if name not in ("cuda", "tensorrt"):
        return Device(name, "" if built else BUILDS[name])
    gpu, problem = nvidia_gpu()
    problem = problem or (_missing_libraries() if built else BUILDS[name])
    return Device(name, problem, HALF if name == "tensorrt" else ("float32",), gpu)


def _missing_libraries() -> str:
    """Loads CUDA and cuDNN where pip put them; what it lacks it only prints."""
    if not hasattr(ort, "preload_dlls"):
        return ""
    with redirect_stdout(io.StringIO()) as said:
        ort.preload_dlls()
    first, _, _ = said.getvalue().strip().partition(":")
    return first and f"{first}: pip install 'onnxruntime-gpu[cuda,cudnn]'"


def _session(
    weights: Path, network: str | bytes, placement: Placement, settings: RuntimeSettings
) -> Any:
    wanted = PROVIDERS[placement.device]
    try:
        session = ort.InferenceSession(
            network,
            session_options(placement),
            providers=_providers(placement, settings),
            enable_fallback=0,
        )
    except raised.InvalidProtobuf as error:
        raise BundleError(f"{weights} is damaged: {_reason(error)}") from None
    except ERRORS as error:
        raise BackendUnavailable(f"ONNX Runtime cannot run {weights}: {_reason(error)}") from None
    session.disable_fallback()
    if session.get_providers()[0] != wanted:
        raise BackendUnavailable(
            f"ONNX Runtime put {weights} on the CPU in place of {placement.device}, and does not "
            f"say why: install the libraries that onnxruntime {ort.__version__} was built for"
        )
    return session


def session_options(placement: Placement) -> Any:
    """Threads sleep between runs, for other work needs the cores then; errors are raised only."""
    ort.set_default_logger_severity(FATAL_ONLY)
    options = ort.SessionOptions()
    options.log_severity_level = FATAL_ONLY
    options.intra_op_num_threads = placement.threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _shrinking() -> Any:
    """Options of a run after which the session gives back what it does not use."""
    options = ort.RunOptions()
    options.add_run_config_entry(*SHRINK)
    return options


def _providers(placement: Placement, settings: RuntimeSettings) -> list[tuple[str, dict[str, str]]]:
    """The wanted one, then those that may take the operators which it lacks."""
    cuda = (PROVIDERS["cuda"], {"use_tf32": "0"})
    cpu = (PROVIDERS["cpu"], dict[str, str]())
    match placement.device:
        case "tensorrt":
            return [(PROVIDERS["tensorrt"], _tensorrt(placement, settings)), cuda, cpu]
        case "cuda":
            return [cuda, cpu]
        case "openvino":
            threads = {"num_of_threads": str(placement.threads)} if placement.threads else {}
            return [(PROVIDERS["openvino"], {"device_type": "CPU", **threads}), cpu]
    return [cpu]


def _tensorrt(placement: Placement, settings: RuntimeSettings) -> dict[str, str]:
    """It builds an engine for minutes, and keeps it where it may."""
    options = {"trt_fp16_enable": "1" if placement.math == "float16" else "0"}
    if settings.cache is None:
        return options
    return options | {
        "trt_engine_cache_enable": "1",
        "trt_timing_cache_enable": "1",
        "trt_engine_cache_path": str(settings.cache),
    }


def _reason(error: Exception) -> str:
    """Its message without error numbers, the file's name, and places in the runtime's source."""
    text = re.sub(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ", "", str(error))
    text = re.sub(
        r"^(Load model from .* failed:)?(/onnxruntime_src/\S+ .*?\) (?=[A-Z]))?", "", text
    )
    return " ".join(text.split())
