"""What a file of weights says of itself: format, input and output; nothing else is in it."""

from dataclasses import dataclass
from pathlib import Path

from models.backend import TensorSpec
from models.bundles.manifest import Format, Layout, Precision
from models.errors import BundleError
from models.headers.onnx import read_onnx_header
from models.headers.tflite import is_tflite, read_tflite_file
from models.outputs import find_outputs

CHANNELS = 3
Specs = tuple[TensorSpec, ...]


@dataclass(frozen=True, slots=True)
class NetworkFile:
    """A .tflite or .onnx file that takes one picture and gives one row of scores.

    input: of the axes of `layouts`, -1 where the size is free. classes: -1 where that is free.
    """

    path: Path
    format: Format
    input: TensorSpec
    classes: int

    @property
    def layouts(self) -> tuple[Layout, ...]:
        """The orders of axes that the shape of the input allows, of which one is meant."""
        _, first, _, last = self.input.shape
        found: list[Layout] = ["nhwc"] if last == CHANNELS else []
        return (*found, "nchw") if first == CHANNELS else tuple(found)

    @property
    def precision(self) -> Precision:
        """By the type of the input; weights alone may be smaller than that."""
        whole = self.input.dtype in ("int8", "uint8", "int16")
        return "int8" if whole else "float16" if self.input.dtype == "float16" else "float32"


def read_network(path: Path, embedding: str | None = None) -> NetworkFile:
    """Looks into a file, without a runtime.

    embedding: what it calls the output that is none of scores; None: it has only scores.
    Raises BundleError when it is no network that classifies pictures.
    """
    format, inputs, outputs = _specs(path)
    if len(inputs) != 1:
        raise BundleError(f"{path} has {len(inputs)} inputs; a classifier has one")
    scores = find_outputs(str(path), embedding, outputs, 0).scores
    shape = inputs[0].shape
    if len(shape) != 4 or CHANNELS not in (shape[1], shape[3]) or shape[0] not in (1, -1):
        raise BundleError(
            f"{path} takes {shape}; a classifier of pictures takes one with three channels, "
            "(1, height, width, 3) or (1, 3, height, width)"
        )
    return NetworkFile(path, format, inputs[0], _classes(path, outputs[scores].shape))


def _specs(path: Path) -> tuple[Format, Specs, Specs]:
    if is_tflite(path):
        tflite = read_tflite_file(path)
        return "tflite", tflite.inputs, tflite.outputs
    try:
        onnx = read_onnx_header(path.read_bytes())
    except BundleError as error:
        raise BundleError(f"{path} is neither a .tflite nor an .onnx file: {error}") from None
    inputs, outputs = (tuple(spec for _, spec in side) for side in (onnx.inputs, onnx.outputs))
    return "onnx", inputs, outputs


def _classes(path: Path, shape: tuple[int, ...]) -> int:
    """The one axis along which there are scores; the batch and spent axes of size 1 are none."""
    long = [size for size in shape[1:] if size != 1] or [1]
    if len(long) != 1:
        raise BundleError(f"{path} gives {shape}; a classifier gives one row of scores")
    return long[0]
