"""MXNet: checkpoints that cannot be converted, run by the real package in a process of its own.

The package was given up in 2023 and needs an older Python and numpy than ours, so it has its own
environment, and `mxnet_worker.py` runs there. That process is the only one beside ours that is
given anything of a camera, and it is given no picture: only the tensor that preprocessing made of
a masked frame, in shared memory that has no name and is gone with the two processes.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from models.backend import Device, Placement, TensorSpec, require_fitting, require_placement
from models.backends.isolated import IsolatedProgram, ProgramLost
from models.bundles.manifest import PARAMS
from models.errors import BackendUnavailable, BundleError, ModelError
from models.settings import RuntimeSettings

WORKER = Path(__file__).with_name("mxnet_worker.py")
SHARED_MEMORY = "/dev/shm"
START_S = 60.0
RUN_S = 30.0
ENVIRONMENT = {
    "PATH": os.defpath,
    "LC_ALL": "C.UTF-8",
    "MXNET_SUBGRAPH_VERBOSE": "0",
    "OMP_WAIT_POLICY": "PASSIVE",
}
"""All that the process gets; idle threads sleep, for there is other work beside this network."""
INSTALL = (
    'python3.11 -m venv /opt/mxnet && /opt/mxnet/bin/pip install "mxnet==1.9.1" "numpy==1.23.5"'
)


class MXNet:
    """One network in one process, for one thread at a time.

    A process that ends or hangs costs the run in which it does: the next run starts another one.
    """

    formats = ("mxnet",)

    def __init__(
        self,
        weights: Path,
        placement: Placement,
        settings: RuntimeSettings,
        start_s: float = START_S,
        run_s: float = RUN_S,
    ) -> None:
        """Threads 0 leaves the number to MXNet, which takes one for each core.

        start_s, run_s: how long loading and a run may take before the process is killed.
        """
        require_placement(placement, self.devices(settings))
        self._python = str(settings.mxnet_python)
        self._files = {"graph": str(_graph_of(weights)), "weights": str(weights.absolute())}
        self._threads = placement.threads
        self._start_s, self._run_s = start_s, run_s
        self._memory: IO[bytes] | None = _memory()
        try:
            self._program, described = self._started(self._memory.fileno())
        except ModelError:
            self._memory.close()
            raise
        self.input = TensorSpec(tuple(described["input"]), "float32")
        self.outputs = tuple(
            TensorSpec(tuple(output["shape"]), output["dtype"]) for output in described["outputs"]
        )

    @staticmethod
    def devices(settings: RuntimeSettings) -> tuple[Device, ...]:
        """The CPU, once the interpreter is named; whether it has mxnet shows when one is opened."""
        return (Device("cpu", _problem(settings.mxnet_python)),)

    def run(self, tensor: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        """Runs the network once; a size that the graph leaves free may change between runs."""
        if self._memory is None:
            raise ModelError("this network is closed: open it again")
        require_fitting(tensor, self.input)
        memory = self._memory.fileno()
        if self._program.ended:
            self._program, _ = self._started(memory)
        _write(memory, tensor)
        answer = self._program.ask({"shape": tensor.shape}, self._run_s)
        if "outputs" not in answer:
            raise ModelError(f"mxnet could not run the network: {answer.get('failed')}")
        return tuple(_read(memory, answer["outputs"]))

    def close(self) -> None:
        """Ends the process and frees the shared memory."""
        if self._memory is not None:
            self._program.close()
            self._memory.close()
            self._memory = None

    def _started(self, memory: int) -> tuple[IsolatedProgram, dict[str, Any]]:
        program = _program(self._python, self._threads, memory)
        try:
            program.ask({}, self._start_s)
        except ProgramLost as error:
            raise BackendUnavailable(
                f"{self._python} (model.runtime.mxnet_python) cannot import mxnet: {error}; "
                f"make an environment that can: {INSTALL}"
            ) from None
        return program, self._loaded(program)

    def _loaded(self, program: IsolatedProgram) -> dict[str, Any]:
        try:
            described = program.ask(self._files, self._start_s)
        except ProgramLost as error:
            described = {"failed": error}
        if "input" in described:
            return described
        program.close()
        if "damaged" in described:
            raise BundleError(described["damaged"])
        raise BackendUnavailable(
            f"mxnet cannot run {self._files['weights']}: {described.get('failed')}"
        )


def _problem(python: Path | None) -> str:
    if python is None:
        return (
            "name the interpreter of an environment that has the mxnet package: "
            'model.runtime.mxnet_python = "/opt/mxnet/bin/python"'
        )
    if not os.path.isfile(python) or not os.access(python, os.X_OK):
        return f"{python} is no interpreter: correct model.runtime.mxnet_python"
    return ""


def _graph_of(weights: Path) -> Path:
    """The <name>-symbol.json beside <name>-0000.params."""
    if not weights.is_file():
        raise BundleError(f"{weights} is not a file")
    if not (match := PARAMS.match(weights.name)):
        raise BundleError(f"{weights} is not named as mxnet does: model-0000.params")
    graph = weights.with_name(f"{match[1]}-symbol.json").absolute()
    if not graph.is_file():
        raise BundleError(f"{graph} is missing: mxnet needs the graph beside {weights.name}")
    return graph


def _memory() -> IO[bytes]:
    try:
        return tempfile.TemporaryFile(dir=SHARED_MEMORY, buffering=0)
    except OSError as error:
        raise BackendUnavailable(
            f"mxnet needs shared memory in {SHARED_MEMORY}: {error.strerror}"
        ) from None


def _program(python: str, threads: int, memory: int) -> IsolatedProgram:
    """Isolated (-I): nothing of ours, of this folder or of the environment reaches its imports."""
    environment = dict(ENVIRONMENT)
    if threads:
        environment["OMP_NUM_THREADS"] = str(threads)
    command = (python, "-I", str(WORKER), str(memory))
    try:
        return IsolatedProgram("the mxnet process", command, environment, memory)
    except OSError as error:
        raise BackendUnavailable(
            f"{python} (model.runtime.mxnet_python) cannot be started: {error.strerror}"
        ) from None


def _write(memory: int, tensor: NDArray[Any]) -> None:
    content = np.ascontiguousarray(tensor)
    try:
        written = os.pwrite(memory, content.data, 0)
    except OSError as error:
        raise ModelError(f"shared memory cannot take the input: {error.strerror}") from None
    if written != content.nbytes:
        raise ModelError("shared memory is full: enlarge /dev/shm")


def _read(memory: int, outputs: list[dict[str, Any]]) -> Iterator[NDArray[Any]]:
    offset = 0
    for output in outputs:
        array: NDArray[Any] = np.empty(output["shape"], output["dtype"])
        if os.preadv(memory, [array.data], offset) != array.nbytes:
            raise ModelError("the mxnet process left an output half written")
        offset += array.nbytes
        yield array
