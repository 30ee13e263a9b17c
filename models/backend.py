"""What a runtime is, and the table of those that we have: name → "module:Class"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from numpy.typing import NDArray

from models.did_you_mean import did_you_mean
from models.errors import BackendUnavailable, ModelError
from models.settings import RuntimeSettings

BACKENDS: Mapping[str, str] = {
    "litert": "models.backends.litert:LiteRT",
    "onnxruntime": "models.backends.onnxruntime:OnnxRuntime",
    "openvino": "models.backends.openvino:OpenVINO",
    "opencv": "models.backends.opencv:OpenCV",
    "mxnet": "models.backends.mxnet:MXNet",
}
PLUGINS = "vision_app.backends"
"""The entry point group in which other distributions name theirs, in the form of the table."""

Math = Literal["float32", "bfloat16", "float16"]
PlaneOrder = Literal["bgr", "rgb"]


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """Shape (-1 where free), numpy dtype name, and affine quantisation (scale 0: not quantised).

    real = (quantised - zero_point) * scale
    name: what the file calls it; empty where the backend does not know.
    """

    shape: tuple[int, ...]
    dtype: str
    scale: float = 0.0
    zero_point: int = 0
    name: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Device:
    """Something on this machine that a runtime could compute on.

    name: "cpu", "gpu", "npu", "cuda", … problem: why it cannot be used and what to do about it;
    empty: it can. maths: what it may compute float32 networks in, fastest first.
    detail: what it is, for people.
    """

    name: str
    problem: str = ""
    maths: tuple[Math, ...] = ("float32",)
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where and how a runtime is to compute a network; threads 0 leaves the number to it.

    any_size: feed it one picture at a time, of any size, whatever sizes the file names; only for
    .onnx files whose operators all follow the size of their input.
    lean: what a run needs is given back after it, and not kept for the next one, where the runtime
    can do that: for networks that are run seldom.
    lanes: so many threads want to run it at once; heeded by backends that are `Laned`.
    steady: its inputs are many and mostly of few sizes; the runtime may prepare for each of those.
    planes: a network that wants levels 0..255 in planes of this order, (1, 3, h, w), is fed the
    picture itself, uint8 BGR (1, h, w, 3), where the runtime can make the planes; `Backend.input`
    says whether it does.
    wanted: only so many of the outputs, from the first on, where the runtime can leave out the
    rest; 0: all.
    """

    device: str = "cpu"
    math: Math = "float32"
    threads: int = 0
    any_size: bool = False
    lean: bool = False
    lanes: int = 1
    steady: bool = False
    planes: PlaneOrder | None = None
    wanted: int = 0


class Backend(Protocol):
    """A network loaded into a runtime. `close` may be called twice."""

    @property
    def input(self) -> TensorSpec:
        """The one input tensor."""

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """The output tensors, in the order in which `run` returns them."""

    def run(self, tensor: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        """Runs the network on one input of the declared dtype; what it returns is the caller's.

        Raises ModelError when the runtime fails.
        """

    def close(self) -> None:
        """Frees the network."""


class BackendKind(Protocol):
    """The class of a backend, as the table and plugins name it."""

    @property
    def formats(self) -> tuple[str, ...]:
        """Which of the manifest's weight formats it reads; an attribute of the class."""

    def __call__(self, weights: Path, placement: Placement, settings: RuntimeSettings) -> Backend:
        """Loads a network onto exactly that device, in that math.

        Raises BackendUnavailable when this cannot be done here, with a sentence that says what to
        do; BundleError when the file is missing, damaged or of another format.
        """

    def devices(self, settings: RuntimeSettings) -> tuple[Device, ...]:
        """What it knows of on this machine, in the order in which to try; a static method."""


@runtime_checkable
class CPUFirst(Protocol):
    """The class of a backend that can tell of the CPU without loading what other devices need."""

    def cpu(self) -> Device:
        """The CPU; a static method."""


@runtime_checkable
class Laned(Protocol):
    """A backend that several threads may run at once; all others are for one thread at a time."""

    @property
    def lanes(self) -> int:
        """So many threads; more of them take turns."""


def cpu_of(kind: BackendKind) -> Device | None:
    """The CPU as a backend knows it; None where that has none."""
    if isinstance(kind, CPUFirst):
        return kind.cpu()
    devices = kind.devices(RuntimeSettings())
    return next((device for device in devices if device.name == "cpu"), None)


def backend_names() -> tuple[str, ...]:
    """Ours, then those of installed plugins; none of them is imported."""
    return (*BACKENDS, *sorted(_plugins()))


def find_backend(name: str) -> BackendKind:
    """The class behind a name.

    Raises BackendUnavailable with a sentence that says what to install or which name to use.
    """
    plugin = None if name in BACKENDS else _plugins().get(name)
    target = plugin.value if plugin else BACKENDS.get(name)
    if not target:
        names = backend_names()
        meant = did_you_mean(name, names, f"use one of {', '.join(names)}")
        raise BackendUnavailable(f"there is no backend {name!r}: {meant}")
    module, _, kind = target.partition(":")
    try:
        found: BackendKind = getattr(import_module(module), kind)
    except (ImportError, AttributeError) as error:
        absent = isinstance(error, ModuleNotFoundError) and error.name == name
        cause = f"the runtime of {name} cannot be imported ({error})"
        what = f"{name} is not installed" if absent else cause
        raise BackendUnavailable(f"{what}: {_remedy(name, plugin)}") from None
    return found


def open_backend(
    name: str,
    weights: Path,
    placement: Placement | None = None,
    settings: RuntimeSettings | None = None,
) -> Backend:
    """Loads weights into the named runtime; by default on the CPU, in float32, its own threads.

    Raises what `find_backend` and the backend raise.
    """
    kind = find_backend(name)
    return kind(weights, placement or Placement(), settings or RuntimeSettings())


def require_placement(placement: Placement, devices: Sequence[Device]) -> None:
    """Raises BackendUnavailable, with what to do, unless one of the devices can be used so."""
    device = next((one for one in devices if one.name == placement.device), None)
    if device is None:
        names = ", ".join(one.name for one in devices)
        raise BackendUnavailable(f"there is no device {placement.device!r} here: use {names}")
    if device.problem:
        raise BackendUnavailable(f"{device.name} cannot be used: {device.problem}")
    if placement.math not in device.maths:
        able = ", ".join(device.maths)
        raise BackendUnavailable(f"{device.name} cannot compute in {placement.math}: use {able}")


def require_fitting(tensor: NDArray[Any], spec: TensorSpec) -> None:
    """Raises ModelError unless the tensor has the dtype and the number of axes of the input."""
    if tensor.dtype != spec.dtype or tensor.ndim != len(spec.shape):
        raise ModelError(
            f"the network takes {spec.dtype} {spec.shape}, not {tensor.dtype} {tensor.shape}"
        )


def _plugins() -> Mapping[str, EntryPoint]:
    found = {entry.name: entry for entry in entry_points(group=PLUGINS)}
    return {name: entry for name, entry in found.items() if name not in BACKENDS}


def _remedy(name: str, plugin: EntryPoint | None) -> str:
    if plugin:
        return f"update or remove {plugin.dist.name if plugin.dist else plugin.value}"
    extra = {"onnxruntime": "[onnxruntime]", "openvino": "[openvino]"}.get(name, "")
    return f"pip install 'vision-app{extra}'"
