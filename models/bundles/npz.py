"""Reads the named arrays of an .npz; nothing is ever unpickled."""

import io
import zipfile
import zlib
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray


def read_arrays(content: bytes, names: Iterable[str], max_bytes: int) -> list[NDArray[Any]]:
    """The arrays of those names; ValueError says why they cannot be had."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > max_bytes:
                raise ValueError(f"unpacked it is larger than {max_bytes} bytes")
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return [arrays[name] for name in names]
    except (KeyError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(str(error)) from None
