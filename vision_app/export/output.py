"""The file that an export becomes: under its name only when it is whole, and over nothing else."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from models import durable
from vision_app.errors import AppError, Refused
from vision_app.mask.naming import shown


def require_place(path: Path, overwrite: bool) -> None:
    """Raises Refused where there is something that may not be replaced."""
    if not os.path.lexists(path):
        return
    if not path.is_file():
        raise Refused(f"{shown(path)} is no file; choose another name")
    if not overwrite:
        raise Refused(f"{shown(path)} exists already; --overwrite replaces it")


@contextmanager
def output(path: Path | None) -> Iterator[BinaryIO]:
    """The file, which has its name only when the block ends well; without a path standard output.

    Raises AppError when it cannot be written.
    """
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        durable.make_folder(path.parent)
        with durable.new_file(path) as file:
            yield file
    except OSError as error:
        raise AppError(f"the export cannot be written: {durable.reason(error)}") from None
