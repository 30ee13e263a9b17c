"""Keeps one line of news, which LiteRT cannot be told to keep to itself, off standard error."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

NEWS = b"INFO: Created TensorFlow Lite XNNPACK delegate"
STDERR = 2


@contextmanager
def without_news() -> Iterator[None]:
    """What native code writes in this block appears after it, but for the line that begins so."""
    with tempfile.TemporaryFile() as caught:
        shown = os.dup(STDERR)
        os.dup2(caught.fileno(), STDERR)
        try:
            yield
        finally:
            os.dup2(shown, STDERR)
            os.close(shown)
            caught.seek(0)
            for line in caught:
                if not line.startswith(NEWS):
                    os.write(STDERR, line)
