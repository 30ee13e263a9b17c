"""LiteRT (once TensorFlow Lite): .tflite files on the CPU, through XNNPACK, or on a delegate."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.backend import Device, Placement, TensorSpec, require_placement
from models.backends.delegates import EDGETPU, EDGETPU_OPERATOR, delegate_problem, edgetpu_problem
from models.backends.quiet import without_news
from models.backends.tensorflow_lite import tensorflow_lite
from models.errors import BackendUnavailable, BundleError, ModelError
from models.headers.tflite import read_tflite_file
from models.settings import RuntimeSettings


class LiteRT:
    """One network in one interpreter, for one thread at a time."""

    formats = ("tflite",)

    def __init__(self, weights: Path, placement: Placement, settings: RuntimeSettings) -> None:
        """Threads 0 leaves the number to the runtime, which takes one."""
        require_placement(placement, self.devices(settings))
        self._interpreter: Any = _load(weights, placement, settings)
        details = self._interpreter.get_input_details()
        if len(details) != 1:
            raise BundleError(f"{weights} has {len(details)} inputs; only one can be fed")
        self.input = _spec(details[0])
        self._input_index: int = details[0]["index"]
        self._shape = tuple(details[0]["shape"].tolist())
        outputs = self._interpreter.get_output_details()
        self.outputs = tuple(_spec(output) for output in outputs)
        self._output_indices: tuple[int, ...] = tuple(output["index"] for output in outputs)

    @staticmethod
    def devices(settings: RuntimeSettings) -> tuple[Device, ...]:
        """The delegate of the settings, if any, an Edge TPU, the CPU."""
        here, own = tensorflow_lite(), settings.delegate
        devices = [
            Device("edgetpu", here.problem or edgetpu_problem(), detail=EDGETPU),
            Device("cpu", here.problem, detail=here.detail),
        ]
        if own:
            problem = here.problem or delegate_problem(str(own))
            devices.insert(0, Device("delegate", problem, detail=str(own)))
        return tuple(devices)

    def run(self, tensor: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        """Runs the network once; a shape that the network leaves free may change between runs."""
        if self._interpreter is None:
            raise ModelError("this network is closed: open it again")
        try:
            if tensor.shape != self._shape:
                self._reshape(tensor.shape)
            self._interpreter.set_tensor(self._input_index, tensor)
            self._interpreter.invoke()
            return tuple(self._interpreter.get_tensor(index) for index in self._output_indices)
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"LiteRT could not run the network: {error}") from None

    def close(self) -> None:
        """Frees the network."""
        self._interpreter = None

    def _reshape(self, shape: tuple[int, ...]) -> None:
        self._interpreter.resize_tensor_input(self._input_index, shape, strict=True)
        self._interpreter.allocate_tensors()
        self._shape = shape


def _load(weights: Path, placement: Placement, settings: RuntimeSettings) -> Any:
    _require_fitting_device(weights, placement.device)
    if not tensorflow_lite().looks_at_files:
        read_tflite_file(weights)
    delegates = _delegates(placement.device, settings)
    try:
        interpreter = tensorflow_lite().module.Interpreter(
            model_path=str(weights),
            num_threads=placement.threads or None,
            experimental_delegates=delegates,
        )
    except ValueError as error:
        raise BundleError(f"{weights} is not a .tflite file, or damaged: {error}") from None
    except RuntimeError as error:
        raise BackendUnavailable(f"the delegate refused {weights}: {error}") from None
    if delegates:
        _require_its_part(interpreter, weights)
    try:
        with without_news():
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise BackendUnavailable(f"LiteRT cannot run {weights}: {error}") from None
    return interpreter


def _require_fitting_device(weights: Path, device: str) -> None:
    try:
        compiled = EDGETPU_OPERATOR in weights.read_bytes()
    except OSError as error:
        raise BundleError(f"{weights} cannot be read: {error.strerror}") from None
    if compiled and device == "cpu":
        raise BackendUnavailable(
            f"{weights} is compiled for an Edge TPU, which the CPU cannot stand in for: "
            'write device = "edgetpu", or use the file from before its compilation'
        )
    if device == "edgetpu" and not compiled:
        raise BackendUnavailable(f"{weights} is not for an Edge TPU: compile it (edgetpu_compiler)")


def _delegates(device: str, settings: RuntimeSettings) -> list[Any]:
    if device == "cpu":
        return []
    library, options = EDGETPU, {}
    if device == "delegate":
        library, options = str(settings.delegate), settings.delegate_options
    try:
        return [tensorflow_lite().module.load_delegate(library, options)]
    except ValueError as error:
        raise BackendUnavailable(f"the delegate {library} does not start: {error}") from None


def _require_its_part(interpreter: Any, weights: Path) -> None:
    """Before tensors are allocated nothing but the delegate itself has taken operators."""
    taken = [operator["op_name"] for operator in interpreter._get_ops_details()]
    if "DELEGATE" not in taken:
        raise BackendUnavailable(f"the delegate takes no operator of {weights}: use the CPU")


def _spec(details: Mapping[str, Any]) -> TensorSpec:
    scale, zero_point = details["quantization"]
    shape = details["shape_signature"] if details["shape_signature"].size else details["shape"]
    dtype = np.dtype(details["dtype"]).name
    return TensorSpec(
        tuple(shape.tolist()), dtype, float(scale), int(zero_point), str(details["name"])
    )
