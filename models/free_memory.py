"""Gives memory back to the system that is not needed any more: what was freed, and code that ran.

glibc keeps for itself what is freed, until it is told. And two thirds of the code of runtimes runs
once, at a start: its pages are a file's, which the system could take at any time, but as long as it
has others to take they count as this process's.
"""

import ctypes
import mmap
import os
import re
from contextlib import suppress
from pathlib import Path

LIBRARY = re.compile(rb" (/.*\.so.*)$", re.MULTILINE)
"""In /proc/self/maps."""
UNWRITTEN = re.compile(
    rb"^([0-9a-f]+)-([0-9a-f]+) r-.p \S+ \S+ \d+ +(/.*)\n(?:[A-Z].*\n)*?Anonymous: +0 kB",
    re.MULTILINE,
)
"""In /proc/self/smaps: where something of a file lies that can only be read and run, and is as it
is in the file."""


def give_back() -> None:
    """To be called after something large was freed. Does nothing where libc cannot do it."""
    with suppress(OSError, AttributeError):  # other libcs, of which musl gives back by itself
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def unmap_code() -> None:
    """To be called once, when a program that goes on for long has started.

    Code and constants of all libraries leave this process, and what it still needs comes back from
    the system's cache of files, which takes milliseconds. Not to be done again and again: where
    memory is short, the system would take for unused what is only unmapped, and read it from the
    disk each time. Does nothing where there is no /proc.
    """
    with suppress(OSError):
        names = set(LIBRARY.findall(Path("/proc/self/maps").read_bytes()))
        held = {name for name in names if _held(name)}
        madvise = ctypes.CDLL(None).madvise
        for first, end, name in UNWRITTEN.findall(Path("/proc/self/smaps").read_bytes()):
            if name in held:
                begin, size = int(first, 16), int(end, 16) - int(first, 16)
                madvise(ctypes.c_void_p(begin), ctypes.c_size_t(size), mmap.MADV_DONTNEED)


def _held(library: bytes) -> bool:
    """Waits until it is wholly loaded, and sees to it that it stays: nothing else will ever lie
    where it lies. False: it is none, or gone."""
    try:
        ctypes.CDLL(os.fsdecode(library), os.RTLD_NOLOAD)
    except OSError:
        return False
    return True
