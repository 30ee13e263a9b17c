"""File names as text: whatever bytes a name has, it can be printed on one line and be reported."""

import os
from os import PathLike


def shown(path: "PathLike[str] | str") -> str:
    """The path; bytes that are no UTF-8, and what breaks lines or moves cursors, are escaped."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
