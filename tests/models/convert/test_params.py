import struct
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.convert.params import Parameters, read_parameters
from models.errors import BundleError
from tests.models.convert.handmade import FLAGS, array, names, params

ARRAYS: dict[str, NDArray[np.float32]] = {
    "arg:conv0_weight": np.linspace(-1, 1, 24, dtype=np.float32).reshape(2, 3, 4),
    "aux:bn0_moving_mean": np.array([1.5, -2.5], np.float32),
    "plain": np.array([[3.0]], np.float32),
}


def read(content: bytes) -> Parameters:
    return read_parameters(content, "net.params")


def refusal(content: bytes) -> str:
    with pytest.raises(BundleError) as refused:
        read(content)
    start = "net.params cannot be read as an MXNet .params file: "
    assert str(refused.value).startswith(start)
    return str(refused.value).removeprefix(start)


def one(block: bytes) -> bytes:
    """A file of one array."""
    return struct.pack("<QQQ", 0x112, 0, 1) + block + names({"w": np.zeros(1)})


@pytest.mark.parametrize("version", [0, 1, 2, 3])
def test_every_version_gives_the_same_arrays_without_prefixes(version: int) -> None:
    found = read(params(ARRAYS, version))
    assert list(found.arrays) == ["conv0_weight", "bn0_moving_mean", "plain"]
    assert found.halves == 0
    for read_one, written in zip(found.arrays.values(), ARRAYS.values(), strict=True):
        assert read_one.dtype == np.float32
        np.testing.assert_array_equal(read_one, written)


def test_versions_may_be_mixed_in_one_file() -> None:
    blocks = [array(values, version) for version, values in enumerate(ARRAYS.values())]
    content = struct.pack("<QQQ", 0x112, 0, 3) + b"".join(blocks) + names(ARRAYS)
    np.testing.assert_array_equal(read(content).arrays["plain"], [[3.0]])


@pytest.mark.parametrize("dtype", FLAGS)
def test_every_type_becomes_float32(dtype: str) -> None:
    values = np.array([0, 1, 2, 100]).astype(dtype)
    found = read(params({"w": values}))
    np.testing.assert_array_equal(found.arrays["w"], values.astype(np.float32))
    assert found.halves == (dtype == "float16")


def test_bfloat16_becomes_float32() -> None:
    exact = np.array([1.0, -2.5, 3e38, 1.17e-38], np.float32).view(np.uint32) & 0xFFFF0000
    found = read(one(array((exact >> 16).astype(np.uint16), 2, flag=12)))
    np.testing.assert_array_equal(found.arrays["w"], exact.view(np.float32))
    assert found.halves == 1


def test_float32_is_not_copied() -> None:
    assert read(params(ARRAYS)).arrays["plain"].base is not None


def test_float64_beyond_float32_becomes_infinite_without_a_warning() -> None:
    assert read(params({"w": np.array([1e300])})).arrays["w"][0] == np.inf


@pytest.mark.parametrize("kind", [1, 2])
def test_sparse_arrays_are_refused(kind: int) -> None:
    block = struct.pack("<Ii", 0xF993FAC9, kind) + bytes(64)
    assert refusal(one(block)) == "an array is sparse, and only dense ones can be converted"


def shaped(*dims: int, dtype: int = 0) -> bytes:
    """A file of one array that announces a shape and brings four bytes."""
    head = struct.pack(f"<Iii{len(dims)}q", 0xF993FAC9, 0, len(dims), *dims)
    return one(head + struct.pack("<iii", 1, 0, dtype) + bytes(4))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "16 bytes are announced where 0 are left"),
        (b"PK\x03\x04" + bytes(60), "it does not begin as one"),
        (params({}), "it holds no array"),
        (struct.pack("<QQQ", 0x112, 0, 1 << 60), f"{1 << 60} entries cannot be in the 0 bytes"),
        (shaped(1 << 40, 1 << 40), "bytes are announced where"),
        (shaped(1 << 62, 1 << 62, 0), "an array has the shape"),
        (shaped(-1, 4), "an array has the shape (-1, 4)"),
        (shaped(), "an array has the shape ()"),
        (shaped(*[1] * 33), "an array has 33 axes"),
        (shaped(1, dtype=99), "an array has the unknown type 99"),
        (one(struct.pack("<I", 0xDEADBEEF)), "an array has 3735928559 axes"),
        (params(ARRAYS) + b"\0", "1 bytes follow its end"),
        (params(ARRAYS)[: -len(names(ARRAYS))] + names({}), "it has 3 arrays and 0 names"),
        (one(array(np.zeros(1, np.float32), 2))[:-1] + b"\xff", "can't decode byte 0xff"),
        (params({"arg:w": np.zeros(1), "aux:w": np.zeros(1)}), "it holds 'w' twice"),
    ],
)
def test_what_is_damaged_is_refused_in_one_sentence(content: bytes, told: str) -> None:
    assert told in refusal(content)


@pytest.mark.parametrize("version", [0, 1, 2, 3])
def test_a_file_that_ends_too_early_is_refused_wherever_it_ends(version: int) -> None:
    content = params(ARRAYS, version)
    for end in range(len(content)):
        refusal(content[:end])


@pytest.mark.parametrize("version", [0, 1, 2, 3])
def test_a_changed_byte_gives_other_numbers_or_a_refusal_never_another_error(version: int) -> None:
    content = params(ARRAYS, version)
    refused = 0
    for at in range(len(content)):
        for flip in (0x01, 0x80, 0xFF):
            damaged = bytearray(content)
            damaged[at] ^= flip
            refused += _is_refused(bytes(damaged))
    assert refused > len(content)


def _is_refused(content: bytes) -> bool:
    try:
        found: Any = read(content)
    except BundleError:
        return True
    assert len(found.arrays) == len(ARRAYS)
    return False
