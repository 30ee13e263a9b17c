"""Writing a file or a folder so that after a power cut it is wholly there, or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp


def write(path: Path, content: bytes) -> None:
    """Returns when the disk has the content under this name. Raises OSError; the path then holds
    what it held before, or all of the new."""
    temp = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temp.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temp, path)
    except OSError:
        with suppress(OSError):
            temp.unlink()
        raise
    sync_folder(path.parent)


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """A folder to be filled; it gets its name when the block ends well, and else is removed.

    Raises OSError; FileExistsError when something has that name already.
    """
    _require_free(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    temp = Path(mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        temp.chmod(0o755)
        yield temp
        sync_tree(temp)
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


def _require_free(out: Path) -> None:
    if os.path.lexists(out):
        raise FileExistsError(17, "it exists already", str(out))
