"""Reads a file that is to be held in memory whole."""

from pathlib import Path

from models.errors import BundleError


def read_file(path: Path, max_bytes: int) -> bytes:
    """What is in the file; BundleError when it cannot be read or holds more than max_bytes."""
    try:
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except OSError as error:
        raise BundleError(f"{path} cannot be read: {error.strerror}") from None
    if len(content) > max_bytes:
        raise BundleError(f"{path} is larger than {max_bytes} bytes")
    return content
