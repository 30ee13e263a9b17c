"""Keeps a long-running service from taking ever more memory: one heap for its many threads."""

import ctypes

M_ARENA_MAX = -8
"""Of mallopt(3), from <malloc.h>."""


def one_heap() -> bool:
    """From now on all threads share a heap; False where the C library has no such bound.

    glibc gives each thread one of its own, up to eight per core, and takes none back. Cameras come
    and go, each time with new threads; the most that any of them ever needed stays in each heap.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:  # musl and macOS
        return False
    return bool(mallopt(M_ARENA_MAX, 1))
