import ast
import os
import select
import signal
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from models.backend import Placement, find_backend
from models.backends.mxnet import WORKER, MXNet
from models.errors import BackendUnavailable, BundleError, ModelError
from models.settings import RuntimeSettings
from tests.models.backends.conftest import Open
from tests.models.checkpoints import PARAMS, SYMBOL, reference

ROOT = Path(__file__).parents[3]


def pid(backend: MXNet) -> int:
    """Of the worker behind it."""
    return backend._program.pid


def ends(process: int, within_s: float = 10.0) -> bool:
    """Whether a process is gone by then."""
    try:
        watched = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    ended, _, _ = select.select([watched], [], [], within_s)
    os.close(watched)
    return bool(ended)


def test_a_worker_that_is_killed_costs_one_run(opened: Open, checkpoints: Path) -> None:
    expected = reference(checkpoints / "logits")
    backend = opened("logits")
    first = pid(backend)
    os.kill(first, signal.SIGSTOP)
    killer = threading.Timer(0.2, os.kill, (first, signal.SIGKILL))
    killer.start()
    with pytest.raises(ModelError, match="the mxnet process was ended by SIGKILL"):
        backend.run(expected["input"])
    killer.join()
    (result,) = backend.run(expected["input"])
    np.testing.assert_allclose(result, expected["output0"], atol=1e-6)
    assert pid(backend) != first


def test_a_worker_that_hangs_is_killed_and_replaced(opened: Open) -> None:
    backend = opened("logits", run_s=1.0)
    hung = pid(backend)
    os.kill(hung, signal.SIGSTOP)
    with pytest.raises(ModelError, match=r"did not answer within 1 s$"):
        backend.run(np.zeros((1, 3, 16, 16), np.float32))
    assert ends(hung, 0)
    assert backend.run(np.zeros((1, 3, 16, 16), np.float32))[0].shape == (1, 5)


def test_a_worker_that_does_not_start_is_killed(checkpoints: Path, tmp_path: Path) -> None:
    python = interpreter(tmp_path / "python", f"echo $$ > {tmp_path}/pid; exec sleep 600")
    settings = RuntimeSettings(mxnet_python=python)
    with pytest.raises(BackendUnavailable, match=r"did not answer within 0\.5 s"):
        MXNet(checkpoints / "logits" / PARAMS, Placement(), settings, start_s=0.5)
    assert ends(int((tmp_path / "pid").read_text()), 0)


def test_what_mxnet_prints_is_not_taken_for_an_answer(
    checkpoints: Path, legacy_python: Path, tmp_path: Path
) -> None:
    noisy = "import os, runpy, sys, mxnet; mxnet.sym.load_json = lambda text, load=mxnet.sym."
    noisy += "load_json: (print('noise', flush=True), os.write(1, b'noise'), load(text))[2]; "
    noisy += "sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    python = interpreter(tmp_path / "python", f'exec {legacy_python} -I -c "{noisy}" "$2" "$3"')
    settings = RuntimeSettings(mxnet_python=python)
    expected = reference(checkpoints / "logits")
    with closing(MXNet(checkpoints / "logits" / PARAMS, Placement(), settings)) as backend:
        np.testing.assert_allclose(
            backend.run(expected["input"])[0], expected["output0"], atol=1e-6
        )


def test_closing_ends_the_worker_and_its_memory_never_has_a_name(opened: Open) -> None:
    backend = opened("logits")
    process = pid(backend)
    opened_there = [os.readlink(file) for file in Path(f"/proc/{process}/fd").iterdir()]
    (memory,) = (file for file in opened_there if file.startswith("/dev/shm/"))
    assert memory.endswith(" (deleted)")
    backend.close()
    assert ends(process, 0)


def test_a_worker_ends_in_the_middle_of_a_run_when_its_parent_is_killed(
    checkpoints: Path, legacy_python: Path
) -> None:
    code = f"""
import numpy
from pathlib import Path
from models.backend import Placement, open_backend
from models.settings import RuntimeSettings
settings = RuntimeSettings(mxnet_python=Path({str(legacy_python)!r}))
weights = Path({str(checkpoints / "logits" / PARAMS)!r})
backend = open_backend("mxnet", weights, Placement(threads=1), settings)
print(backend._program.pid, flush=True)
backend.run(numpy.zeros((1, 3, 8000, 8000), numpy.float32))
"""
    with subprocess.Popen((sys.executable, "-c", code), stdout=subprocess.PIPE, cwd=ROOT) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.kill()
        assert ends(worker, 2.0)


def test_the_device_says_what_to_write_until_an_interpreter_is_named(tmp_path: Path) -> None:
    def problem(python: Path | None) -> str:
        (device,) = find_backend("mxnet").devices(RuntimeSettings(mxnet_python=python))
        return device.problem

    assert "name the interpreter" in problem(None)
    assert "model.runtime.mxnet_python" in problem(tmp_path / "absent")
    assert "model.runtime.mxnet_python" in problem(tmp_path)
    assert "model.runtime.mxnet_python" in problem(Path(__file__))
    assert problem(Path(sys.executable)) == ""


@pytest.mark.parametrize("what", ["no mxnet", "no program"])
def test_an_interpreter_that_cannot_run_mxnet_is_told_with_what_to_install(
    what: str, tmp_path: Path
) -> None:
    for file in (PARAMS, SYMBOL):
        (tmp_path / file).write_bytes(b"")
    python = Path(sys.executable)
    if what == "no program":
        python = interpreter(tmp_path / "python", "")
        python.write_bytes(b"neither a script nor a program")
    with pytest.raises(BackendUnavailable, match=r"model\.runtime\.mxnet_python") as caught:
        MXNet(tmp_path / PARAMS, Placement(), RuntimeSettings(mxnet_python=python))
    wanted = {"no mxnet": "No module named 'mxnet'); make an environment", "no program": "started"}
    assert wanted[what] in str(caught.value)


def test_a_graph_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / PARAMS).write_bytes(b"")
    settings = RuntimeSettings(mxnet_python=Path(sys.executable))
    with pytest.raises(BundleError, match=f"{SYMBOL} is missing"):
        MXNet(tmp_path / PARAMS, Placement(), settings)


def test_the_worker_stands_alone_on_any_python_of_its_time() -> None:
    tree = ast.parse(WORKER.read_text(), feature_version=(3, 6))
    imports = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
        )
    }
    assert imports - sys.stdlib_module_names == {"numpy", "mxnet"}


def test_the_worker_is_never_imported() -> None:
    code = "import sys, models.backends.mxnet as m; print([n for n in sys.modules if 'mxnet' in n])"
    done = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['models.backends.mxnet']"


def interpreter(path: Path, command: str) -> Path:
    """A program that stands where an interpreter is expected."""
    path.write_text(f"#!/bin/sh\n{command}\n")
    path.chmod(0o755)
    return path
