"""The runtime that LiteRT was before: real tflite-runtime, in real environments of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from models.backend import open_backend
from models.backends.tensorflow_lite import SMOKE
from models.bundles.bundle import open_bundle
from models.errors import BackendUnavailable
from tests.checks_backend import example

ROOT = Path(__file__).parents[3]
PROGRAM = """
import json, sys
from pathlib import Path
import numpy as np
from models.backend import Placement, find_backend
from models.errors import ModelError
from models.settings import RuntimeSettings

kind, settings = find_backend("litert"), RuntimeSettings()
cpu = kind.devices(settings)[-1]
said = {"problem": cpu.problem, "detail": cpu.detail}
try:
    backend = kind(Path(sys.argv[1]), Placement(threads=1), settings)
    answers = backend.run(np.load(sys.argv[2]))
    said["answer"] = answers[0].tolist()
except ModelError as error:
    said["error"] = type(error).__name__
    said["sentence"] = str(error)
print(json.dumps(said))
"""


def network() -> Path:
    bundle = open_bundle("greenhouse-tomatoes")
    return bundle.path(bundle.manifest.weights[0])


def said(python: Path, tensor: Path, weights: Path, paths: Sequence[Path] = ()) -> dict[str, Any]:
    """What LiteRT says in another interpreter, with these folders in front of its packages."""
    done = subprocess.run(
        (python, "-c", PROGRAM, weights, tensor),
        env={"PYTHONPATH": os.pathsep.join(map(str, (*paths, ROOT)))},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.fixture
def tensor(tmp_path: Path) -> Path:
    np.save(tmp_path / "tensor.npy", example(open_backend("litert", network()), 1))
    return tmp_path / "tensor.npy"


def test_where_only_tflite_runtime_is_installed_it_computes_the_same(
    legacy_python: Path, tensor: Path
) -> None:
    found = said(legacy_python, tensor, network())
    (expected,) = open_backend("litert", network()).run(np.load(tensor))
    np.testing.assert_allclose(found["answer"], expected.astype(int), atol=1)
    assert found["problem"] == ""
    wanted = "through tflite-runtime (ai-edge-litert: No module named 'ai_edge_litert')"
    assert found["detail"] == wanted


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ("raise ImportError('libc is too old')", "ai-edge-litert: libc is too old"),
        ("def Interpreter(**options): raise SystemError", "was not made for numpy 1.23.5"),
        ("def Interpreter(**options): raise RuntimeError('no memory')", "no memory"),
    ],
)
def test_one_that_imports_and_does_not_compute_is_passed_over(
    broken: str, reason: str, legacy_python: Path, tensor: Path, tmp_path: Path
) -> None:
    module(tmp_path / "front", broken)
    found = said(legacy_python, tensor, network(), [tmp_path / "front"])
    assert reason in found["detail"]
    assert "answer" in found


def test_one_that_computes_wrongly_is_passed_over(
    legacy_python: Path, tensor: Path, tmp_path: Path
) -> None:
    wrong = (
        "from tflite_runtime.interpreter import Interpreter as Real\n"
        "class Interpreter(Real):\n"
        "    def get_tensor(self, index): return super().get_tensor(index) + 1\n"
    )
    module(tmp_path / "front", wrong)
    found = said(legacy_python, tensor, network(), [tmp_path / "front"])
    assert "it computes [1.0, 1.0, 2.0, 3.0]" in found["detail"]
    assert "answer" in found


def test_beside_numpy_2_tflite_runtime_imports_but_is_not_taken_for_one_that_works(
    legacy_python: Path, tensor: Path, tmp_path: Path
) -> None:
    if not sys.version.startswith("3.11."):
        pytest.skip("tflite-runtime of the legacy environment is for Python 3.11")
    (packages,) = legacy_python.parents[1].glob("lib/python*/site-packages")
    module(tmp_path / "front", "raise ImportError('not here')")
    (tmp_path / "front" / "tflite_runtime").symlink_to(packages / "tflite_runtime")
    found = said(Path(sys.executable), tensor, network(), [tmp_path / "front"])
    assert f"tflite-runtime was not made for numpy {np.__version__}" in found["problem"]
    assert "pip install ai-edge-litert" in found["problem"]
    assert found["error"] == BackendUnavailable.__name__
    assert found["problem"] in found["sentence"]


def test_without_any_runtime_the_device_says_what_to_install(tensor: Path, tmp_path: Path) -> None:
    module(tmp_path / "front", "raise ImportError('not here')")
    found = said(Path(sys.executable), tensor, network(), [tmp_path / "front"])
    assert "ai-edge-litert: not here; tflite-runtime: No module named" in found["problem"]
    assert "pip install ai-edge-litert" in found["problem"]
    assert found["detail"] == ""


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_cut_file_is_refused_where_the_old_runtime_would_crash(
    share: float, legacy_python: Path, tensor: Path, tmp_path: Path
) -> None:
    content = network().read_bytes()
    (tmp_path / "cut.tflite").write_bytes(content[: int(len(content) * share)])
    found = said(legacy_python, tensor, tmp_path / "cut.tflite")
    assert found["error"] == "BundleError"
    assert "cut.tflite" in found["sentence"]


def test_the_network_that_is_tried_cuts_four_numbers_off_at_0() -> None:
    model = schema.ModelT.InitFromPackedBuf(SMOKE.read_bytes(), 0)
    (graph,), (code,) = model.subgraphs, model.operatorCodes
    assert code.builtinCode == schema.BuiltinOperator.RELU
    assert [operator.opcodeIndex for operator in graph.operators] == [0]
    assert [list(tensor.shape) for tensor in graph.tensors] == [[4], [4]]
    assert (list(graph.inputs), list(graph.outputs)) == ([0], [1])


def module(folder: Path, code: str) -> None:
    """Writes an ai_edge_litert of our own."""
    (folder / "ai_edge_litert").mkdir(parents=True)
    (folder / "ai_edge_litert" / "__init__.py").touch()
    (folder / "ai_edge_litert" / "interpreter.py").write_text(code)
