"""MXNet checkpoints for tests: their files, what they answer, a worker that loads any of them."""

import shutil
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from models.backends.isolated import IsolatedProgram
from models.backends.mxnet import ENVIRONMENT, WORKER

PARAMS, SYMBOL = "model-0000.params", "model-symbol.json"


def reference(folder: Path) -> dict[str, NDArray[Any]]:
    """ref.npz of a checkpoint."""
    with np.load(folder / "ref.npz") as arrays:
        return dict(arrays)


def copy(checkpoint: Path, folder: Path) -> Path:
    """A checkpoint to be changed."""
    for file in (PARAMS, SYMBOL):
        shutil.copy(checkpoint / file, folder)
    return folder


class Worker:
    """One worker that loads one checkpoint after the other, which saves the time of its start."""

    def __init__(self, python: Path, memory: IO[bytes]) -> None:
        command = (str(python), "-I", str(WORKER), str(memory.fileno()))
        self._program = IsolatedProgram("the worker", command, ENVIRONMENT, memory.fileno())
        self._memory = memory

    def load(self, folder: Path) -> dict[str, Any]:
        """What it says of a checkpoint."""
        order = {"graph": str(folder / SYMBOL), "weights": str(folder / PARAMS)}
        return self._program.ask(order, 30)

    def run(self, tensor: NDArray[Any]) -> list[NDArray[Any]]:
        """What the checkpoint answers that was loaded last."""
        self._memory.seek(0)
        self._memory.write(np.ascontiguousarray(tensor).data)
        described = self._program.ask({"shape": tensor.shape}, 30)["outputs"]
        self._memory.seek(0)
        return [self._read(**output) for output in described]

    def close(self) -> None:
        """Ends it."""
        self._program.close()

    def _read(self, shape: list[int], dtype: str) -> NDArray[Any]:
        content = self._memory.read(int(np.prod(shape)) * np.dtype(dtype).itemsize)
        return np.frombuffer(content, dtype).reshape(shape)
