"""What a .tflite file says of its inputs and outputs, read without a runtime.

The file is a FlatBuffer: tables whose fields are found through a list of offsets, each relative
to where it stands. Source: tensorflow/compiler/mlir/lite/schema/schema.fbs.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.backend import TensorSpec
from models.errors import BundleError

IDENTIFIER = b"TFL3"
DTYPES = {0: "float32", 1: "float16", 2: "int32", 3: "uint8", 4: "int64", 7: "int16", 9: "int8"}
MODEL_SUBGRAPHS = 2
GRAPH_TENSORS, GRAPH_INPUTS, GRAPH_OUTPUTS = 0, 1, 2
TENSOR_SHAPE, TENSOR_DTYPE, TENSOR_NAME, TENSOR_QUANTISATION, TENSOR_SIGNATURE = 0, 1, 3, 4, 7
SCALES, ZERO_POINTS = 2, 3


@dataclass(frozen=True, slots=True)
class TfliteHeader:
    """The tensors of the first graph, in its order."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]


def is_tflite(weights: Path) -> bool:
    """Whether a file begins as a .tflite file does; raises BundleError when it cannot be read."""
    try:
        with weights.open("rb") as file:
            return file.read(8)[4:] == IDENTIFIER
    except OSError as error:
        raise BundleError(f"{weights} cannot be read: {error.strerror}") from None


def read_tflite_file(weights: Path) -> TfliteHeader:
    """The header of a file with one input; raises BundleError, which names the file."""
    try:
        header = read_tflite_header(weights.read_bytes())
    except OSError as error:
        raise BundleError(f"{weights} cannot be read: {error.strerror}") from None
    except BundleError as error:
        raise BundleError(f"{weights}: {error}") from None
    if len(header.inputs) != 1:
        raise BundleError(f"{weights} has {len(header.inputs)} inputs; only one can be fed")
    return header


def read_tflite_header(content: bytes) -> TfliteHeader:
    """The header of a .tflite file; raises BundleError when it is damaged or something else."""
    try:
        model = _Table(content, _follow(content, 0))
        graph = model.tables(MODEL_SUBGRAPHS)[0]
        tensors = graph.tables(GRAPH_TENSORS)
        inputs, outputs = graph.numbers(GRAPH_INPUTS, "i"), graph.numbers(GRAPH_OUTPUTS, "i")
        return TfliteHeader(
            tuple(_spec(tensors[index]) for index in inputs),
            tuple(_spec(tensors[index]) for index in outputs),
        )
    except (struct.error, IndexError, KeyError, ValueError) as error:
        raise BundleError(f"it is not a .tflite file, or damaged ({error})") from None


class _Table:
    """One table of a FlatBuffer; a field that is absent reads as empty."""

    def __init__(self, content: bytes, at: int) -> None:
        self._content, self._at = content, at
        self._fields = at - _read("i", content, at)
        self._size = _read("H", content, self._fields)

    def number(self, field: int, kind: str) -> int:
        at = self._place(field)
        return _read(kind, self._content, at) if at else 0

    def numbers(self, field: int, kind: str) -> tuple[Any, ...]:
        at = self._place(field)
        if not at:
            return ()
        at = _follow(self._content, at)
        form = f"<{_read('I', self._content, at)}{kind}"
        return struct.unpack_from(form, self._content, at + 4)

    def text(self, field: int) -> str:
        return bytes(self.numbers(field, "B")).decode()

    def table(self, field: int) -> "_Table | None":
        at = self._place(field)
        return _Table(self._content, _follow(self._content, at)) if at else None

    def tables(self, field: int) -> "tuple[_Table, ...]":
        at = _follow(self._content, self._place(field))
        count = _read("I", self._content, at)
        places = range(at + 4, at + 4 + 4 * count, 4)
        return tuple(_Table(self._content, _follow(self._content, place)) for place in places)

    def _place(self, field: int) -> int:
        slot = 4 + 2 * field
        offset = _read("H", self._content, self._fields + slot) if slot < self._size else 0
        return offset and self._at + offset


def _spec(tensor: _Table) -> TensorSpec:
    """The signature, where there is one, has -1 where the shape has only an example."""
    shape = tensor.numbers(TENSOR_SIGNATURE, "i") or tensor.numbers(TENSOR_SHAPE, "i")
    dtype = DTYPES[tensor.number(TENSOR_DTYPE, "b")]
    scale, zero_point = _quantisation(tensor.table(TENSOR_QUANTISATION))
    return TensorSpec(shape, dtype, scale, zero_point, tensor.text(TENSOR_NAME))


def _quantisation(table: _Table | None) -> tuple[float, int]:
    """(0, 0) where a tensor has none, or one for each of its channels."""
    scales = table.numbers(SCALES, "f") if table else ()
    zero_points = table.numbers(ZERO_POINTS, "q") if table else ()
    if len(scales) != 1:
        return 0.0, 0
    return scales[0], zero_points[0] if zero_points else 0


def _follow(content: bytes, at: int) -> int:
    return at + _read("I", content, at)


def _read(kind: str, content: bytes, at: int) -> int:
    if at < 0:
        raise ValueError("an offset leads out of it")
    value: int = struct.unpack_from(f"<{kind}", content, at)[0]
    return value
