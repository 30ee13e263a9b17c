"""Where third-party data for tests lies, when it is there; it is never part of the project."""

from pathlib import Path

import pytest

DATA = Path(__file__).parents[2].parent / "shared" / "data"


def data(name: str) -> Path:
    """A file of the shared test data; the test is skipped, and says so, where it is absent."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path} is not on this machine")
    return path
