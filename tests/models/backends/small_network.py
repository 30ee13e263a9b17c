"""A tiny convolutional network with a reference in numpy, for tests of how exactly one computes."""

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

SIDE, FILTERS, CLASSES = 16, 8, 5
FLOAT = TensorProto.FLOAT


def small_network(path: Path) -> Path:
    """Writes a network (n, 3, 16, 16) → (n, 5): a convolution, a ReLU, a mean, a matrix."""
    kernels, matrix = _weights()
    nodes = [
        helper.make_node("Conv", ["pixels", "kernels"], ["maps"]),
        helper.make_node("Relu", ["maps"], ["bent"]),
        helper.make_node("GlobalAveragePool", ["bent"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["means"]),
        helper.make_node("MatMul", ["means", "matrix"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("pixels", FLOAT, ["n", 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("logits", FLOAT, ["n", CLASSES])],
        [numpy_helper.from_array(kernels, "kernels"), numpy_helper.from_array(matrix, "matrix")],
    )
    return write(path, graph)


def small_answers(pixels: NDArray[np.float32]) -> NDArray[np.float64]:
    """What small_network says, in double precision."""
    kernels, matrix = _weights()
    windows = np.lib.stride_tricks.sliding_window_view(pixels.astype(np.float64), (3, 3), (2, 3))
    maps = np.einsum("nchwyx,fcyx->nfhw", windows, kernels)
    return np.asarray(maps.clip(0).mean(axis=(2, 3)) @ matrix)


def passing_on(path: Path, dtype: int) -> Path:
    """Writes a network (n, 4) → (n, 4) of this type of ONNX that returns what it is given."""
    ends = [helper.make_tensor_value_info(name, dtype, ["n", 4]) for name in ("x", "y")]
    node = helper.make_node("Identity", ["x"], ["y"])
    return write(path, helper.make_graph([node], "same", ends[:1], ends[1:]))


def write(path: Path, graph: onnx.GraphProto) -> Path:
    """Writes a network of that graph, in a version that every runtime reads."""
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


def _weights() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    random = np.random.default_rng(7)
    kernels = random.standard_normal((FILTERS, 3, 3, 3)).astype(np.float32)
    return kernels, random.standard_normal((FILTERS, CLASSES)).astype(np.float32)
