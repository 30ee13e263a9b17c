"""LiteRT (once TensorFlow Lite): .tflite files on the CPU, through XNNPACK."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from models.backend import Device, Placement, TensorSpec
from models.backends.quiet import without_news
from models.errors import BackendUnavailable, BundleError, ModelError
from models.settings import RuntimeSettings


class LiteRT:
    """One network in one interpreter, for one thread at a time."""

    formats = ("tflite",)

    def __init__(self, weights: Path, placement: Placement, settings: RuntimeSettings) -> None:
        """Threads 0 leaves the number to the runtime, which takes one."""
        self._interpreter: Any = _load(weights, placement.threads)
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
        """The CPU."""
        return (Device("cpu"),)

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


def _load(weights: Path, threads: int) -> Any:
    if not weights.is_file():
        raise BundleError(f"{weights} is not a file")
    try:
        interpreter = Interpreter(model_path=str(weights), num_threads=threads or None)
    except ValueError as error:
        raise BundleError(f"{weights} is not a .tflite file, or damaged: {error}") from None
    try:
        with without_news():
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise BackendUnavailable(f"LiteRT cannot run {weights}: {error}") from None
    return interpreter


def _spec(details: Mapping[str, Any]) -> TensorSpec:
    scale, zero_point = details["quantization"]
    shape = details["shape_signature"] if details["shape_signature"].size else details["shape"]
    dtype = np.dtype(details["dtype"]).name
    return TensorSpec(tuple(shape.tolist()), dtype, float(scale), int(zero_point))
