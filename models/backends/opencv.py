"""OpenCV's own engine: .onnx files on the CPU, at any input size that the network can take."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.backend import Device, Placement, require_fitting, require_placement
from models.errors import BackendUnavailable, ModelError
from models.headers.onnx import read_onnx_file
from models.settings import RuntimeSettings


class OpenCV:
    """One network in OpenCV's engine, for one thread at a time.

    The engine follows the input that it is given: where a file names a fixed size, as exporters
    often do, another one may still be run, and the outputs grow with it.

    OpenCV has one pool of threads for the whole process. A network opened with threads > 0 sets
    its size for everything that OpenCV does from then on, so the last one opened decides.
    """

    formats = ("onnx",)

    def __init__(self, weights: Path, placement: Placement, settings: RuntimeSettings) -> None:
        """Threads 0 leaves OpenCV's pool as it is."""
        _require_engine()
        require_placement(placement, self.devices(settings))
        content, header = read_onnx_file(weights)
        self.input = header.inputs[0][1]
        self.outputs = tuple(spec for _, spec in header.outputs)
        self._names: Sequence[str] = tuple(name for name, _ in header.outputs)
        self._net: cv2.dnn.Net | None = _load(weights, content)
        if placement.threads:
            cv2.setNumThreads(placement.threads)

    @staticmethod
    def devices(settings: RuntimeSettings) -> tuple[Device, ...]:
        """The CPU."""
        return (Device("cpu"),)

    def run(self, tensor: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        """Runs the network once, in the order of the file's outputs."""
        if self._net is None:
            raise ModelError("this network is closed: open it again")
        require_fitting(tensor, self.input)
        try:
            self._net.setInput(tensor)
            return tuple(self._net.forward(self._names))
        except cv2.error as error:
            raise ModelError(f"OpenCV could not run the network: {_reason(error)}") from None

    def close(self) -> None:
        """Frees the network."""
        self._net = None


def _require_engine() -> None:
    """OpenCV 4 answers wrongly, and says nothing, once the size of the input has changed."""
    if int(cv2.__version__.partition(".")[0]) < 5:
        raise BackendUnavailable(
            f"OpenCV {cv2.__version__} computes networks wrongly when the size of the picture "
            "changes: pip install 'opencv-python-headless>=5'"
        )


def _load(weights: Path, content: bytes) -> cv2.dnn.Net:
    try:
        return cv2.dnn.readNetFromONNX(np.frombuffer(content, np.uint8))
    except cv2.error as error:
        raise BackendUnavailable(f"OpenCV cannot run {weights}: {_reason(error)}") from None


def _reason(error: cv2.error) -> str:
    """Its message in one line."""
    return " ".join(error.err.strip("> \n").split())
