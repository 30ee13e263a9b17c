"""OpenVINO: .onnx and .tflite files on CPUs, and on Intel's GPUs and NPUs."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from models.backend import (
    Device,
    Math,
    Placement,
    PlaneOrder,
    TensorSpec,
    require_fitting,
    require_placement,
)
from models.backends.lanes import Lanes
from models.backends.sizes import Sizes
from models.backends.telemetry import import_openvino
from models.errors import BackendUnavailable, BundleError, ModelError
from models.headers.onnx import for_any_size, read_onnx_file
from models.headers.tflite import is_tflite, read_tflite_file
from models.settings import RuntimeSettings

ov = import_openvino()

MATHS: Mapping[str, tuple[Math, ...]] = {
    "cpu": ("float32",),
    "gpu": ("float16", "float32"),
    "npu": ("float16",),
}
HINTS: Mapping[Math, str] = {"float32": "f32", "bfloat16": "bf16", "float16": "f16"}
ABSENT: Mapping[str, str] = {
    "gpu": "OpenVINO finds no GPU of Intel: install intel-opencl-icd, join the group render",
    "npu": "OpenVINO finds no NPU of Intel: install linux-npu-driver, join the group render",
}
SUFFIX = ".tflite"
ERRORS = (RuntimeError, ValueError)
"""ValueError is what a message that is not UTF-8 becomes."""
FEW = 3
"""Sizes: that of a probe, pictures that lie, and pictures that stand."""
DAMAGED = ("FlatBuffer verification failed", "Unable to read the model")


class OpenVINO:
    """One network, compiled for one device, for as many threads at once as it has lanes.

    A network that leaves nothing free but the batch is compiled for one picture, which is faster,
    and again for any number when it is first given another one. One that takes any size and is
    steady is compiled for each of the first FEW sizes, which takes an eighth off each run, and for
    any size when there come more. Networks of one process take turns on the same threads.
    """

    formats = ("onnx", "tflite")

    def __init__(self, weights: Path, placement: Placement, settings: RuntimeSettings) -> None:
        """Threads 0 leaves the number to the runtime, which takes one for each core."""
        alone = placement.device == "cpu"
        require_placement(placement, (self.cpu(),) if alone else self.devices(settings))
        self.input, self.outputs = _specs(weights, placement.any_size)
        self._device, self._config = placement.device.upper(), _config(placement, settings)
        self.lanes, self._lean = placement.lanes, placement.lean
        self._model: Any = _read(weights)
        for_one = self.input.shape[:1] == (-1,) and -1 not in self.input.shape[1:]
        steady = placement.any_size and placement.steady
        try:
            if placement.any_size and placement.planes:
                self._model = _fed_pictures(self._model, placement.planes)
                self.input = TensorSpec((1, -1, -1, 3), "uint8", name=self.input.name)
            if placement.wanted:
                self._model = _with_outputs(self._model, placement.wanted)
                self.outputs = self.outputs[: placement.wanted]
            few = FEW if steady else 1 if for_one else 0
            self._sizes = Sizes(self._compiled, self.input.shape, few)
            if not steady:
                self._sizes.fitting((1, *self.input.shape[1:]) if for_one else self.input.shape)
        except ERRORS as error:
            raise BackendUnavailable(f"OpenVINO cannot run {weights}: {_reason(error)}") from None
        self._model = self._model if few else None

    @staticmethod
    def cpu() -> Device:
        """The CPU alone: to ask for all loads the libraries for GPUs and NPUs, 20 MB."""
        return _found("cpu", "CPU")

    @staticmethod
    def devices(settings: RuntimeSettings) -> tuple[Device, ...]:
        """What OpenVINO finds, the CPU first, then what it could use and does not find."""
        names = {name.lower().removesuffix(".0"): name for name in _core().available_devices}
        absent = (Device(name, ABSENT[name]) for name in ABSENT if name not in names)
        return (*(_found(name, theirs) for name, theirs in names.items()), *absent)

    def run(self, tensor: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        """Runs the network once; a size that the network leaves free may change between runs."""
        require_fitting(tensor, self.input)
        try:
            return self._sizes.fitting(tensor.shape).run(tensor, self._lean)
        except ERRORS as error:
            raise ModelError(f"OpenVINO could not run the network: {_reason(error)}") from None

    def close(self) -> None:
        """Frees the network."""
        self._sizes.close()
        self._model = None

    def _compiled(self, shape: tuple[int, ...]) -> Lanes:
        self._model.reshape({0: ov.PartialShape(list(shape))})
        network = _core().compile_model(self._model, self._device, self._config)
        return Lanes(network, self.lanes)


@cache
def _core() -> Any:
    """One for the process: it holds the plugins of the devices."""
    return ov.Core()


def _found(name: str, theirs: str) -> Device:
    maths = MATHS.get(name.partition(".")[0], ("float32",))
    if name == "cpu" and "BF16" in _core().get_property(theirs, "OPTIMIZATION_CAPABILITIES"):
        maths = ("bfloat16", *maths)
    return Device(name, maths=maths, detail=_core().get_property(theirs, "FULL_DEVICE_NAME"))


def _config(placement: Placement, settings: RuntimeSettings) -> Mapping[str, Any]:
    """Threads are not tied to cores: two processes would be tied to the same ones."""
    config: dict[str, Any] = {
        "PERFORMANCE_HINT": "LATENCY",
        "NUM_STREAMS": str(placement.lanes),
        "INFERENCE_PRECISION_HINT": HINTS[placement.math],
    }
    if placement.device == "cpu":
        return config | {
            "INFERENCE_NUM_THREADS": placement.threads * placement.lanes,
            "ENABLE_CPU_PINNING": False,
        }
    return config | ({"CACHE_DIR": str(settings.cache)} if settings.cache else {})


def _specs(weights: Path, any_size: bool) -> tuple[TensorSpec, tuple[TensorSpec, ...]]:
    """From the file: OpenVINO does not tell how tensors are quantised."""
    if is_tflite(weights):
        tflite = read_tflite_file(weights)
        return tflite.inputs[0], tflite.outputs
    _, onnx = read_onnx_file(weights)
    onnx = for_any_size(onnx) if any_size else onnx
    return onnx.inputs[0][1], tuple(spec for _, spec in onnx.outputs)


def _read(weights: Path) -> Any:
    if is_tflite(weights) and weights.suffix != SUFFIX:
        raise BackendUnavailable(f"OpenVINO wants {weights} to end in {SUFFIX}: rename it")
    try:
        return _core().read_model(weights)
    except ERRORS as error:
        if any(sign in str(error) for sign in DAMAGED):
            raise BundleError(f"{weights} is damaged: {_reason(error)}") from None
        raise BackendUnavailable(f"OpenVINO cannot run {weights}: {_reason(error)}") from None


def _fed_pictures(model: Any, order: PlaneOrder) -> Any:
    """The network with first steps that make planes of a picture, uint8 BGR (1, h, w, 3)."""
    step = import_module("openvino.opset13")
    picture = step.parameter([1, -1, -1, 3], ov.Type.u8)
    colours = picture if order == "bgr" else step.gather(picture, [2, 1, 0], 3)
    planes = step.convert(step.transpose(colours, [0, 3, 1, 2]), "f32")
    (former,) = model.get_parameters()
    former.output(0).replace(planes.output(0))
    return ov.Model(model.get_results(), [picture])


def _with_outputs(model: Any, count: int) -> Any:
    """The network without outputs beyond these, and what they alone need."""
    return ov.Model(model.get_results()[:count], model.get_parameters())


def _reason(error: Exception) -> str:
    """The last line of its message; those before are places in the runtime's source."""
    return str(error).strip().splitlines()[-1].lstrip("- ")
