"""The weights of an MXNet checkpoint: reads a `.params` file without mxnet.

A `.params` file is a list of arrays and their names, little-endian: the number 0x112 and a reserved
one, both 64 bits; the count of arrays, the arrays; the count of names, the names with their length.
An array begins with a number that tells its version; the oldest have none and begin with their
number of axes. Source: NDArray::Save and NDArray::Load, src/ndarray/ndarray.cc of Apache MXNet.
"""

import math
import struct
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.errors import BundleError

LIST_MAGIC = 0x112
V1_MAGIC, V2_MAGIC, V3_MAGIC = 0xF993FAC8, 0xF993FAC9, 0xF993FACA
MAX_AXES = 32
LEAST_ARRAY_BYTES, LEAST_NAME_BYTES = 4, 8
FLOAT16, BFLOAT16 = 2, 12
DTYPES: Mapping[int, str] = {
    0: "<f4", 1: "<f8", FLOAT16: "<f2", 3: "<u1", 4: "<i4", 5: "<i1", 6: "<i8",
    7: "<u1", 8: "<i2", 9: "<u2", 10: "<u4", 11: "<u8", BFLOAT16: "<u2",
}  # fmt: skip
"""mxnet's type flags; 7 is bool."""


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """The arrays as float32, by name without `arg:` and `aux:`.

    halves: how many of them the file holds in 16 bits.
    """

    arrays: Mapping[str, NDArray[np.float32]]
    halves: int


@dataclass(slots=True)
class _Rest:
    """What is left of the file: nothing is taken, or allocated, that is not there."""

    content: memoryview

    def take(self, size: int) -> memoryview:
        if size > len(self.content):
            raise ValueError(f"{size} bytes are announced where {len(self.content)} are left")
        taken, self.content = self.content[:size], self.content[size:]
        return taken

    def numbers(self, form: str, count: int = 1) -> tuple[int, ...]:
        size = struct.calcsize(f"<{form}")
        return struct.unpack(f"<{count}{form}", self.take(size * count))

    def count(self, least_bytes: int) -> int:
        (count,) = self.numbers("Q")
        if count * least_bytes > len(self.content):
            raise ValueError(f"{count} entries cannot be in the {len(self.content)} bytes left")
        return count


def read_parameters(content: bytes, where: str) -> Parameters:
    """Reads a whole file; where: its name, for people.

    Raises BundleError when it is cut, damaged, sparse, without names, or something else.
    """
    rest = _Rest(memoryview(content))
    try:
        if rest.numbers("Q", 2)[0] != LIST_MAGIC:
            raise ValueError("it does not begin as one")
        arrays = [_array(rest) for _ in range(rest.count(LEAST_ARRAY_BYTES))]
        names = [_name(rest) for _ in range(rest.count(LEAST_NAME_BYTES))]
        if len(rest.content):
            raise ValueError(f"{len(rest.content)} bytes follow its end")
        _require_names(names, len(arrays))
    except ValueError as error:
        raise BundleError(f"{where} cannot be read as an MXNet .params file: {error}") from None
    halves = sum(half for _, half in arrays)
    return Parameters({n: array for n, (array, _) in zip(names, arrays, strict=True)}, halves)


def _array(rest: _Rest) -> tuple[NDArray[np.float32], bool]:
    """The next array, and whether it was stored in 16 bits."""
    shape = _shape(rest)
    if not shape or min(shape) < 1:
        raise ValueError(f"an array has the shape {shape}")
    _device, _device_id, flag = rest.numbers("i", 3)
    if flag not in DTYPES:
        raise ValueError(f"an array has the unknown type {flag}")
    dtype = np.dtype(DTYPES[flag])
    stored = np.frombuffer(rest.take(math.prod(shape) * dtype.itemsize), dtype)
    if flag == BFLOAT16:
        stored = (stored.astype("<u4") << 16).view("<f4")
    with np.errstate(over="ignore"):
        return stored.astype(np.float32, copy=False).reshape(shape), flag in (FLOAT16, BFLOAT16)


def _shape(rest: _Rest) -> tuple[int, ...]:
    (version,) = rest.numbers("I")
    if version in (V2_MAGIC, V3_MAGIC):
        if rest.numbers("i") != (0,):
            raise ValueError("an array is sparse, and only dense ones can be converted")
        return rest.numbers("q", _axes(*rest.numbers("i")))
    if version == V1_MAGIC:
        return rest.numbers("q", _axes(*rest.numbers("I")))
    return rest.numbers("I", _axes(version))


def _axes(count: int) -> int:
    if not 0 <= count <= MAX_AXES:
        raise ValueError(f"an array has {count} axes")
    return count


def _name(rest: _Rest) -> str:
    name = bytes(rest.take(*rest.numbers("Q"))).decode()
    return name.partition(":")[2] if name.startswith(("arg:", "aux:")) else name


def _require_names(names: Iterable[str], arrays: int) -> None:
    counted = Counter(names)
    if counted.total() != arrays:
        raise ValueError(f"it has {arrays} arrays and {counted.total()} names")
    if arrays == 0:
        raise ValueError("it holds no array")
    twice = [name for name, count in counted.items() if count > 1]
    if twice:
        raise ValueError(f"it holds {twice[0]!r} twice")
