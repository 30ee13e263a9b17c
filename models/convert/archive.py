"""Takes files out of a `model.tar.gz`, in memory: nothing is unpacked to the disk."""

import gzip
import tarfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Protocol

from models.errors import BundleError

MAX_BYTES = 1 << 31
MAX_GROWTH = 20
"""Weights hardly shrink in an archive; what grows by more than this is no checkpoint."""
FREE_BYTES = 64 << 20
"""Small archives may grow to this, whatever their size."""
PIECE_BYTES = 1 << 20
TOO_MUCH = "it unpacks to far more than a checkpoint can hold"
GZIP_MAGIC = b"\x1f\x8b"


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Bounded:
    """Reads a stream up to a number of bytes, then refuses."""

    def __init__(self, stream: _Readable, max_bytes: int) -> None:
        self._stream = stream
        self._max = self._left = max_bytes

    def read(self, size: int) -> bytes:
        content = self._stream.read(min(size, self._left + 1))
        self._left -= len(content)
        if self._left < 0:
            raise BundleError(TOO_MUCH)
        return content

    def require(self, size: int) -> None:
        """Refuses a file of that size before any of it is in memory."""
        if size > self._max:
            raise BundleError(TOO_MUCH)


def read_archive(path: Path, wanted: Callable[[str], bool]) -> Mapping[str, bytes]:
    """The wanted files of a tar, packed by gzip or not, by name without folders.

    Links, devices and sparse files are passed over. Raises BundleError when the archive is damaged,
    holds two files of one name, or unpacks to too much.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
            file.seek(0)
            if not packed:
                return _members(_Bounded(file, MAX_BYTES), wanted)
            limit = min(MAX_BYTES, max(FREE_BYTES, MAX_GROWTH * path.stat().st_size))
            with gzip.open(file) as unpacked:
                return _whole(_Bounded(unpacked, limit), wanted)
    except (tarfile.TarError, OSError, EOFError, zlib.error, ValueError, RecursionError) as error:
        raise BundleError(f"{path} cannot be read as a tar archive: {error}") from None
    except BundleError as error:
        raise BundleError(f"{path} is refused: {error}") from None


def _whole(stream: _Bounded, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """Reads on behind the last file, to gzip's sum: only then is a damage noticed."""
    found = _members(stream, wanted)
    while stream.read(PIECE_BYTES):
        pass
    return found


def _members(stream: _Bounded, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=stream, mode="r|") as archive:  # type: ignore[call-overload]
        for member in archive:
            name = PurePosixPath(member.name).name
            plain = member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not member.issparse()
            if not plain or not wanted(name):
                continue
            if name in found:
                raise BundleError(f"it holds {name} twice")
            stream.require(member.size)
            content = archive.extractfile(member)
            found[name] = content.read() if content else b""
    return found
