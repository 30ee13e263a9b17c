"""Real networks in the form of CenterFace's, for which what is red is a face, and what they see."""

import math
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper


def network(
    path: Path,
    gain: float = 1.0,
    more: float = 0.0,
    size: float = math.log(6),
    down: float = 0.0,
    root: bool = False,
) -> Path:
    """Writes a network whose heat is the mean red of a cell, and whose faces are all alike.

    gain: factor of the heat. more: added to it. size: logarithm of the height of every face in
    cells; its width is 16 pixels. down: offset of every centre in cells. root: take the square
    root of the heat.
    """
    look_at_red = np.zeros((1, 3, 4, 4), np.float32)
    look_at_red[0, 0] = gain / 255 / 16
    blind = np.zeros((2, 3, 4, 4), np.float32)
    weights = {
        "look_at_red": look_at_red,
        "more": np.array([more], np.float32),
        "blind": blind,
        "size": np.array([size, math.log(4)], np.float32),
        "shift": np.array([down, 0], np.float32),
    }
    nodes = [
        helper.make_node("Conv", ["pixels", "look_at_red", "more"], ["red"], strides=[4, 4]),
        helper.make_node("Sqrt" if root else "Identity", ["red"], ["heat"]),
        helper.make_node("Conv", ["pixels", "blind", "size"], ["sizes"], strides=[4, 4]),
        helper.make_node("Conv", ["pixels", "blind", "shift"], ["shifts"], strides=[4, 4]),
    ]
    graph = helper.make_graph(
        nodes,
        "faces",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, [1, 3, "h", "w"])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, "r", "c"])
            for name, channels in (("heat", 1), ("sizes", 2), ("shifts", 2))
        ],
        [numpy_helper.from_array(values, name) for name, values in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return path


def red_cell(width: int, height: int, column: int, row: int) -> NDArray[np.uint8]:
    """A black picture, BGR, with one red cell of 4x4."""
    image = np.zeros((height, width, 3), np.uint8)
    image[row * 4 : row * 4 + 4, column * 4 : column * 4 + 4, 2] = 255
    return image
