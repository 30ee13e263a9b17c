"""A bundle as one uncompressed tar: read as strictly as a bundle must be, written reproducibly.

A tar is a row of blocks of 512 bytes: a header, the content of a file, zeros up to the next block;
two blocks of zeros end it. Nothing is accepted that could mean something else than a file of a
bundle, and there is no byte in it that is not looked at. Source: POSIX.1-2017, pax.
"""

import os
import re
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from models import durable
from models.bundles.manifest import FILE_NAME
from models.errors import BundleError

BLOCK = 512
CHUNK_BYTES = 1 << 20
MAX_FILES = 64
MAX_BYTES = 4 << 30
MAX_PAX_BYTES = 1 << 12
MAX_END_BYTES = 1 << 20
SIZE, CHECKSUM, KIND, MAGIC, PREFIX = (
    slice(124, 136), slice(148, 156), slice(156, 157), slice(257, 262), slice(345, BLOCK),
)  # fmt: skip
FILE, FOLDER, PAX = (b"0", b"\0"), b"5", b"x"
KINDS = {b"1": "a link", b"2": "a link", b"3": "a device", b"4": "a device", b"6": "a pipe"}
FILE_PATH = re.compile(rf"(?:\./)?(?:({FILE_NAME})/)?({FILE_NAME})")
FOLDER_PATH = re.compile(rf"\./?|(?:\./)?({FILE_NAME})/?")
HARMLESS = re.compile(rb"(\d+) (?:mtime|atime|ctime|uid|gid)=[0-9.]+\n")
"""What a pax header may say: nothing about the content."""
COMPRESSED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd",
              b"PK": "zip"}  # fmt: skip
HOW = "pack the bundle again: vision-app model pack FOLDER --out FILE.tar"


@dataclass(frozen=True, slots=True)
class _Header:
    """name: without its folder; empty for the folder itself. folder: empty or one name."""

    folder: str
    name: str
    size: int


def unpack(tar: Path, folder: Path) -> tuple[str, ...]:
    """Writes the files of a tar into an existing folder; returns their names.

    They may lie directly in it, or all below "./" or one folder. Raises BundleError with a sentence
    about what is wrong; some files may then have been written.
    """
    try:
        with tar.open("rb") as file:
            return tuple(_unpacked(file, folder))
    except ValueError as error:
        raise BundleError(f"{tar} {error}") from None
    except OSError as error:
        raise BundleError(f"{tar} cannot be unpacked: {error.strerror}") from None


def pack(folder: Path, names: Sequence[str], out: Path) -> None:
    """Writes files of a folder as a tar; the same files give the same bytes.

    Raises BundleError when something is there already or the disk refuses.
    """
    try:
        if os.path.lexists(out):
            raise FileExistsError(17, "it exists already; choose another name")
        with (
            durable.new_file(out) as file,
            tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar,
        ):
            for name in names:
                _add(tar, folder / name)
    except OSError as error:
        raise BundleError(f"{out} cannot be written: {error.strerror}") from None


def _add(tar: tarfile.TarFile, path: Path) -> None:
    info = tarfile.TarInfo(path.name)
    info.size, info.mode = path.stat().st_size, 0o644
    with path.open("rb") as content:
        tar.addfile(info, content)


def _unpacked(tar: BinaryIO, target: Path) -> Iterator[str]:
    names: set[str] = set()
    folders: set[str] = set()
    total = 0
    for header in _headers(tar):
        if not header.name and not header.folder:
            continue
        folders.add(header.folder)
        total += header.size
        if len(folders) > 1:
            raise ValueError(f"holds more than one folder: {HOW}")
        if not header.name:
            continue
        if header.name in names:
            raise ValueError(f"holds {header.name} twice: {HOW}")
        if len(names) == MAX_FILES or total > MAX_BYTES:
            raise ValueError(f"holds more than {MAX_FILES} files or {MAX_BYTES >> 30} GiB")
        names.add(header.name)
        with (target / header.name).open("xb") as file:
            _copy(tar, header.size, file)
        yield header.name


def _headers(tar: BinaryIO) -> Iterator[_Header]:
    """Each file's and folder's header; the file's content must be read before the next."""
    _require_tar(tar)
    while (block := _read(tar, BLOCK)) != bytes(BLOCK):
        if block[KIND] == PAX:
            _require_harmless(tar, _size(_checked(block)))
        else:
            yield _header(_checked(block))
    end = tar.read(MAX_END_BYTES + 1)
    if len(end) < BLOCK or len(end) > MAX_END_BYTES or any(end):
        raise ValueError(f"does not end as a tar does: copy it again, or {HOW}")


def _require_tar(tar: BinaryIO) -> None:
    block = tar.read(BLOCK)
    tar.seek(0)
    for magic, method in COMPRESSED.items():
        if block.startswith(magic):
            raise ValueError(
                f"is compressed ({method}); a bundle is a plain tar: unpack it first. "
                "Is it a model.tar.gz of SageMaker: vision-app model convert"
            )
    if block[MAGIC] != b"ustar":
        raise ValueError(
            "is neither a bundle's folder nor a tar of one; weights become a bundle by: "
            "vision-app model add FILE --labels labels.txt --preset …"
        )


def _checked(block: bytes) -> bytes:
    """The header, after its checksum was found right and written in one of the two usual ways."""
    total = sum(block[: CHECKSUM.start]) + 8 * ord(" ") + sum(block[CHECKSUM.stop :])
    if block[CHECKSUM] not in (b"%06o\0 " % total, b"%07o\0" % total):
        raise ValueError("is damaged (a header's checksum is wrong): copy it again")
    return block


def _header(block: bytes) -> _Header:
    kind, path = block[KIND], block[:100].rstrip(b"\0").decode("ascii", "replace")
    if kind not in (*FILE, FOLDER) or any(block[PREFIX]):
        what = KINDS.get(kind, "something that is no plain file")
        raise ValueError(f"holds {what}, {path!r}: {HOW}")
    match = (FOLDER_PATH if kind == FOLDER else FILE_PATH).fullmatch(path)
    if match is None:
        raise ValueError(f"holds {path!r}, which is not how a bundle's file is named: {HOW}")
    if kind == FOLDER:
        return _Header(match[1] or "", "", 0)
    return _Header(match[1] or "", match[2], _size(block))


def _size(block: bytes) -> int:
    digits = block[SIZE].rstrip(b"\0 ")
    if not re.fullmatch(rb"[0-7]{1,11}", digits):
        raise ValueError(f"holds a file whose size cannot be told: {HOW}")
    return int(digits, 8)


def _require_harmless(tar: BinaryIO, size: int) -> None:
    if size > MAX_PAX_BYTES:
        raise ValueError(f"holds a header that is too large: {HOW}")
    content, at = _read(tar, size), 0
    _require_zeros(tar, size)
    while at < size:
        record = HARMLESS.match(content, at)
        if not record or int(record[1]) != len(record[0]):
            raise ValueError(f"says more of a file than a bundle needs: {HOW}")
        at = record.end()


def _copy(tar: BinaryIO, size: int, target: BinaryIO) -> None:
    left = size
    while left:
        target.write(piece := _read(tar, min(left, CHUNK_BYTES)))
        left -= len(piece)
    _require_zeros(tar, size)


def _require_zeros(tar: BinaryIO, size: int) -> None:
    """Reads what fills the last block after a content of that size."""
    if any(_read(tar, -size % BLOCK)):
        raise ValueError("is damaged (bytes between two files): copy it again")


def _read(tar: BinaryIO, size: int) -> bytes:
    content = tar.read(size)
    if len(content) < size:
        raise ValueError("is cut: copy it again")
    return content
