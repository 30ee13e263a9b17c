import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.faults.nursery import Nursery
from tests.wire.conftest import credentials, endpoint, server

__all__ = ["credentials", "endpoint", "server"]

MEMORY = Path("/dev/shm")


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """What happens to the disks of devices does not happen to this one."""
    folder = tmp_path / "notes"
    folder.mkdir()
    return folder


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where there is one: for faults that are none of the disk."""
    if not os.access(MEMORY, os.W_OK):
        yield tmp_path
        return
    with TemporaryDirectory(dir=MEMORY, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture
def nursery(tmp_path: Path) -> Iterator[Nursery]:
    """Devices that must never show a traceback."""
    with Nursery(tmp_path / "output") as made:
        yield made
    assert "Traceback" not in made.said()
