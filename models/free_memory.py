"""Gives memory that was freed back to the system, which glibc keeps for itself otherwise."""

import ctypes
from contextlib import suppress


def give_back() -> None:
    """To be called after something large was freed; does nothing where libc cannot do it."""
    with suppress(OSError, AttributeError):  # other libcs, of which musl gives back by itself
        ctypes.CDLL("libc.so.6").malloc_trim(0)
