"""Writing a file or a folder so that after a power cut it is wholly there, or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import BinaryIO

TEMP = ".tmp"
"""Ending of a file that is being written; one that is found later was never finished."""
MAX_NAME = 255
"""Bytes in the name of a file, on every usual file system."""


def reason(error: OSError) -> str:
    """What the system says, and of which file, where it names one; of two, of the one written."""
    file = error.filename2 or error.filename
    return f"{file}: {error.strerror}" if file else str(error.strerror)


def write(path: Path, *chunks: bytes) -> None:
    """Writes the chunks as one file; raises as `new_file` does."""
    with new_file(path) as file:
        file.writelines(chunks)


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A file to be written; when the block ends well, the disk has it under its name.

    Raises OSError; the path may then hold the old file, the new one or none, but never a part.
    """
    temp = path.with_name(_temp_name(path.name))
    try:
        with open(temp, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temp, path)
    finally:
        with suppress(OSError):
            temp.unlink()
    sync_folder(path.parent)


def _temp_name(name: str) -> str:
    """The name with TEMP behind it; of one that is too long for that, its hash."""
    encoded = os.fsencode(name + TEMP)
    return name + TEMP if len(encoded) <= MAX_NAME else sha256(encoded).hexdigest() + TEMP


def make_folder(folder: Path) -> None:
    """Creates the folder, and what is missing above it, so that a power cut keeps them. OSError."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


@contextmanager
def new_folder(out: Path, replace: bool = False) -> Iterator[Path]:
    """A folder to be filled; it gets its name when the block ends well, and else is removed.

    Raises OSError; FileExistsError when something has that name already, unless it may be replaced:
    it is then put back where the new one cannot take its place.
    """
    if not replace:
        _require_free(out)
    make_folder(out.parent)
    temp = Path(mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        temp.chmod(0o755)
        yield temp
        sync_tree(temp)
        if replace and os.path.lexists(out):
            _swap(temp, out)
        else:
            _require_free(out)
            os.rename(temp, out)
    finally:
        shutil.rmtree(temp, ignore_errors=True)
    sync_folder(out.parent)


def sync_tree(folder: Path) -> None:
    """Makes a folder and all that is in it survive a power cut. Raises OSError."""
    for path in folder.iterdir():
        sync_tree(path) if path.is_dir() else _sync(path, os.O_RDONLY)
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Makes renames and removals in a folder survive a power cut. Raises OSError."""
    _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _swap(temp: Path, out: Path) -> None:
    old = temp.with_name(f"{temp.name}.old")
    os.rename(out, old)
    try:
        os.rename(temp, out)
    except OSError:
        os.rename(old, out)
        raise
    sync_folder(out.parent)
    shutil.rmtree(old, ignore_errors=True)


def _require_free(out: Path) -> None:
    if os.path.lexists(out):
        raise FileExistsError(17, "it exists already; choose another name", str(out))
