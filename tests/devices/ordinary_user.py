"""Root may open everything: a test of what may not be opened steps down for a moment."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

NOBODY = 65534


@contextmanager
def as_an_ordinary_user() -> Iterator[None]:
    """In this block the process is nobody, with no group of root's; others stay who they are."""
    if os.geteuid() != 0:
        yield
        return
    groups, own = os.getgroups(), os.getegid()
    os.setgroups([])
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(own)
        os.setgroups(groups)
