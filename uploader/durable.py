"""Writing a file so that it is either wholly there after a power cut, or not at all."""

import os
from contextlib import suppress
from pathlib import Path

TEMP = ".tmp"
"""Ending of a file that is being written; one that is found later was never finished."""


def write(path: Path, *chunks: bytes) -> None:
    """Writes the chunks as one file; returns when the disk has it under its name.

    Raises OSError; the path may then hold the old file, the new one or none, but never a part.
    """
    temp = path.with_name(path.name + TEMP)
    try:
        with open(temp, "wb") as file:
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temp, path)
    except OSError:
        with suppress(OSError):
            temp.unlink()
        raise
    sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """Creates the folder, and what is missing above it, so that a power cut keeps them. OSError."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Makes renames and removals in a folder survive a power cut. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
