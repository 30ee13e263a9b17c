"""Networks of runtimes that have an environment of their own."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.backend import Placement
from models.backends.mxnet import MXNet
from models.settings import RuntimeSettings
from tests.models.checkpoints import PARAMS

Open = Callable[..., MXNet]


@pytest.fixture(scope="session")
def checkpoints(legacy_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of checkpoints that the real mxnet wrote."""
    folder = tmp_path_factory.mktemp("checkpoints")
    script = Path(__file__).with_name("write_mxnet_checkpoints.py")
    subprocess.run((legacy_python, "-I", script, folder), check=True, capture_output=True)
    return folder


@pytest.fixture
def opened(checkpoints: Path, legacy_python: Path) -> Iterator[Open]:
    """Opens a checkpoint by name or path, on one thread, and closes it after the test."""
    settings = RuntimeSettings(mxnet_python=legacy_python)
    kept: list[MXNet] = []

    def open_it(where: str | Path, **limits: float) -> MXNet:
        kept.append(MXNet(checkpoints / where / PARAMS, Placement(threads=1), settings, **limits))
        return kept[-1]

    yield open_it
    for backend in kept:
        backend.close()
