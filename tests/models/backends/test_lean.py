"""Networks that are run seldom: what a run needs is given back after it."""

import subprocess
import sys
import weakref
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from models.backend import BackendKind, Placement, cpu_of
from models.backends.onnxruntime import OnnxRuntime
from models.backends.openvino import OpenVINO
from models.settings import RuntimeSettings
from tests.models.backends.small_network import write

BOTH = pytest.mark.parametrize("kind", [OnnxRuntime, OpenVINO])
CHANNELS, SIDE = 24, 1024
"""Of what lies between the layers of the network: 100 MB."""
RUN = """
import sys
from pathlib import Path
import numpy as np
from models.backend import Placement, find_backend
from models.bench.usage import resident_bytes
from models.free_memory import give_back
from models.settings import RuntimeSettings

name, weights, lean = sys.argv[1], Path(sys.argv[2]), sys.argv[3] == "True"
placement = Placement(threads=1, any_size=True, lean=lean)
network = find_backend(name)(weights, placement, RuntimeSettings())
network.run(np.ones((1, 3, 64, 64), np.float32))
before = resident_bytes()
network.run(np.ones((1, 3, 1024, 1024), np.float32))
give_back()
print((resident_bytes() - before) // 1_000_000)
"""
LOADED = """
import sys
from pathlib import Path
from models.backend import Placement, find_backend
from models.settings import RuntimeSettings

find_backend("openvino")(Path(sys.argv[1]), Placement(), RuntimeSettings())
print(Path("/proc/self/maps").read_text())
"""


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    """Few weights, and much between its layers."""
    kernels = [
        np.full((CHANNELS, before, 3, 3), 0.01, np.float32) for before in (3, CHANNELS, CHANNELS)
    ]
    nodes, name = [], "pixels"
    for number, _ in enumerate(kernels):
        nodes.append(
            helper.make_node("Conv", [name, f"k{number}"], [f"c{number}"], pads=[1, 1, 1, 1])
        )
        nodes.append(helper.make_node("Sigmoid", [f"c{number}"], [f"s{number}"]))
        name = f"s{number}"
    nodes.append(helper.make_node("GlobalAveragePool", [name], ["means"]))
    graph = helper.make_graph(
        nodes, "wide",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, (1, 3, "h", "w"))],
        [helper.make_tensor_value_info("means", TensorProto.FLOAT, (1, CHANNELS, 1, 1))],
        [numpy_helper.from_array(one, f"k{number}") for number, one in enumerate(kernels)],
    )  # fmt: skip
    return write(tmp_path / "wide.onnx", graph)


def said(code: str, *words: object) -> str:
    """By a process of its own, whose memory nobody else has touched."""
    command = [sys.executable, "-c", code, *map(str, words)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("name", ["onnxruntime", "openvino"])
def test_a_lean_network_holds_no_memory_between_runs_that_another_one_holds(
    name: str, wide: Path
) -> None:
    kept, given_back = (int(said(RUN, name, wide, lean)) for lean in (False, True))
    assert given_back < kept - 50, "MB that stay after a large picture"


@BOTH
def test_a_lean_network_answers_as_any_other_again_and_again(kind: BackendKind, wide: Path) -> None:
    usual, lean = (
        kind(wide, Placement(any_size=True, lean=lean), RuntimeSettings()) for lean in (False, True)
    )
    for side in (64, 96, 64):
        pixels = np.random.default_rng(side).random((1, 3, side, side)).astype(np.float32)
        for _ in range(2):
            np.testing.assert_array_equal(lean.run(pixels)[0], usual.run(pixels)[0])


@BOTH
def test_the_cpu_that_is_asked_alone_is_the_one_among_all(kind: BackendKind) -> None:
    among = [one for one in kind.devices(RuntimeSettings()) if one.name == "cpu"]
    assert [cpu_of(kind)] == among


def test_a_network_on_the_cpu_loads_nothing_for_other_devices(wide: Path) -> None:
    maps = said(LOADED, wide)
    assert "_cpu_plugin" in maps
    assert "_gpu_plugin" not in maps


@BOTH
def test_a_lean_network_does_not_hold_the_picture_that_it_saw(
    kind: BackendKind, wide: Path
) -> None:
    network = kind(wide, Placement(any_size=True, lean=True), RuntimeSettings())
    pixels = np.ones((1, 3, 64, 64), np.float32)
    held = weakref.ref(pixels)
    network.run(pixels)
    del pixels
    assert held() is None
