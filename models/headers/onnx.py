"""What an ONNX file says of its inputs and outputs, read without a runtime.

The file is protocol buffers: fields of (number, content). Only the few fields on the way to the
names, types and shapes are looked at; weights are stepped over. Source: onnx.proto3.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from models.backend import TensorSpec
from models.errors import BundleError

DTYPES = {1: "float32", 2: "uint8", 3: "int8", 5: "int16", 6: "int32", 7: "int64", 10: "float16"}
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
MODEL_GRAPH = 7
GRAPH_INITIALIZER, GRAPH_INPUT, GRAPH_OUTPUT, GRAPH_BETWEEN = 5, 11, 12, 13
INITIALIZER_NAME = 8
VALUE_NAME, VALUE_TYPE = 1, 2
TYPE_TENSOR, TENSOR_DTYPE, TENSOR_SHAPE = 1, 1, 2
SHAPE_DIM, DIM_VALUE = 1, 1

Field = tuple[int, int | memoryview]


@dataclass(frozen=True, slots=True)
class OnnxHeader:
    """Names with specs, in the order of the graph; constants that old files list are no inputs.

    lists_constants: whether the file does so.
    """

    inputs: tuple[tuple[str, TensorSpec], ...]
    outputs: tuple[tuple[str, TensorSpec], ...]
    lists_constants: bool = False


def read_onnx_file(weights: Path) -> tuple[bytes, OnnxHeader]:
    """Content and header of a file with one input; raises BundleError, which names the file."""
    try:
        content = weights.read_bytes()
        header = read_onnx_header(content)
    except OSError as error:
        raise BundleError(f"{weights} cannot be read: {error.strerror}") from None
    except BundleError as error:
        raise BundleError(f"{weights}: {error}") from None
    if len(header.inputs) != 1:
        raise BundleError(f"{weights} has {len(header.inputs)} inputs; only one can be fed")
    return content, header


def read_onnx_header(content: bytes) -> OnnxHeader:
    """The header of an ONNX file; raises BundleError when it is cut, damaged or something else."""
    try:
        graph = list(_fields(_only(memoryview(content), MODEL_GRAPH)))
        constants = {
            _text(_only(tensor, INITIALIZER_NAME)) for tensor in _all(graph, GRAPH_INITIALIZER)
        }
        inputs = tuple(_value(value) for value in _all(graph, GRAPH_INPUT))
        outputs = tuple(_value(value) for value in _all(graph, GRAPH_OUTPUT))
    except (IndexError, ValueError, KeyError) as error:
        raise BundleError(f"it is not an ONNX file, or damaged ({error})") from None
    fed = tuple((name, spec) for name, spec in inputs if name not in constants)
    if not fed or not outputs:
        raise BundleError("it is an ONNX file without an input or without an output")
    return OnnxHeader(fed, outputs, len(fed) < len(inputs))


def without_constant_inputs(content: bytes) -> bytes:
    """The same network without the inputs that only repeat constants, as old exporters list them.

    ONNX Runtime takes them for something that may be fed, and does not compute ahead with them.
    Raises BundleError as `read_onnx_header` does.
    """
    fed = {name for name, _ in read_onnx_header(content).inputs}
    return _with_graph(content, lambda number, value: _is_fed(number, value, fed))


def for_any_size(header: OnnxHeader) -> OnnxHeader:
    """What `with_any_size` makes the file declare: one picture, (1, channels, free, free)."""
    (name, spec), *_ = header.inputs
    if len(spec.shape) != 4:
        raise BundleError(f"the network takes {spec.shape}, not pictures (n, channels, h, w)")
    free = replace(spec, shape=(1, spec.shape[1], -1, -1))
    outputs = ((name, replace(o, shape=(-1,) * len(o.shape))) for name, o in header.outputs)
    return OnnxHeader(((name, free),), tuple(outputs))


def with_any_size(content: bytes) -> bytes:
    """The same network, declared to take one picture of any size; its weights stay as they are.

    Raises BundleError as `read_onnx_header` does, or when it takes something else than pictures.
    """
    header = for_any_size(read_onnx_header(content))
    declared = [(GRAPH_INPUT, *one) for one in header.inputs]
    declared += [(GRAPH_OUTPUT, *one) for one in header.outputs]
    return _with_graph(
        content,
        lambda number, _: number not in (GRAPH_INPUT, GRAPH_OUTPUT, GRAPH_BETWEEN),
        b"".join(_as_field(number, _as_value(name, spec)) for number, name, spec in declared),
    )


def _with_graph(
    content: bytes, keep: Callable[[int, int | memoryview], bool], more: bytes = b""
) -> bytes:
    """The file with only those fields of its graph, and more at the end of it."""
    pieces: list[bytes | memoryview] = []
    for number, value, raw in _pieces(memoryview(content)):
        if number == MODEL_GRAPH and isinstance(value, memoryview):
            kept = [piece for at, part, piece in _pieces(value) if keep(at, part)]
            pieces.append(_as_field(MODEL_GRAPH, b"".join((*kept, more))))
        else:
            pieces.append(raw)
    return b"".join(pieces)


def _is_fed(number: int, value: int | memoryview, fed: set[str]) -> bool:
    if number != GRAPH_INPUT or not isinstance(value, memoryview):
        return True
    return _text(_only(value, VALUE_NAME)) in fed


def _as_value(name: str, spec: TensorSpec) -> bytes:
    """The declaration of a tensor; a dimension that says nothing is free."""
    dtype = next(number for number, dtype in DTYPES.items() if dtype == spec.dtype)
    sizes = (bytes((DIM_VALUE << 3,)) + _as_varint(n) if n > 0 else b"" for n in spec.shape)
    shape = b"".join(_as_field(SHAPE_DIM, size) for size in sizes)
    tensor = bytes((TENSOR_DTYPE << 3, dtype)) + _as_field(TENSOR_SHAPE, shape)
    kind = _as_field(VALUE_TYPE, _as_field(TYPE_TENSOR, tensor))
    return _as_field(VALUE_NAME, name.encode()) + kind


def _as_field(number: int, content: bytes) -> bytes:
    return bytes((number << 3 | BYTES,)) + _as_varint(len(content)) + content


def _fields(message: memoryview) -> Iterator[Field]:
    return ((number, value) for number, value, _ in _pieces(message))


def _pieces(message: memoryview) -> Iterator[tuple[int, int | memoryview, memoryview]]:
    """Each field as (number, content) and as it stands in the file."""
    at = 0
    while at < len(message):
        start = at
        key, at = _varint(message, at)
        number, wire = key >> 3, key & 7
        if wire == VARINT:
            value, at = _varint(message, at)
            yield number, value, message[start:at]
            continue
        if wire == BYTES:
            size, at = _varint(message, at)
        elif wire in (FIXED64, FIXED32):
            size = 8 if wire == FIXED64 else 4
        else:
            raise ValueError(f"field {number} has unknown wire type {wire}")
        if at + size > len(message):
            raise ValueError("it ends too early")
        yield number, message[at : at + size], message[start : at + size]
        at += size


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("a number does not end")


def _as_varint(value: int) -> bytes:
    whole = bytearray()
    while value >= 0x80:
        whole.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*whole, value))


def _all(fields: list[Field], number: int) -> list[memoryview]:
    return [value for found, value in fields if found == number and isinstance(value, memoryview)]


def _only(message: memoryview, number: int) -> memoryview:
    found = _all(list(_fields(message)), number)
    if len(found) != 1:
        raise ValueError(f"field {number} stands {len(found)} times")
    return found[0]


def _text(content: memoryview) -> str:
    return bytes(content).decode()


def _value(message: memoryview) -> tuple[str, TensorSpec]:
    tensor = dict(_fields(_only(_only(message, VALUE_TYPE), TYPE_TENSOR)))
    kind, shape = tensor[TENSOR_DTYPE], tensor[TENSOR_SHAPE]
    if not isinstance(shape, memoryview) or kind not in DTYPES:
        raise ValueError(f"a tensor of type {kind!r} is not supported")
    dims = tuple(_dim(dim) for dim in _all(list(_fields(shape)), SHAPE_DIM))
    name = _text(_only(message, VALUE_NAME))
    return name, TensorSpec(dims, DTYPES[kind], name=name)


def _dim(message: memoryview) -> int:
    value = dict(_fields(message)).get(DIM_VALUE)
    return value if isinstance(value, int) and value > 0 else -1
