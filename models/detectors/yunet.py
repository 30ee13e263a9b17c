"""YuNet: small networks that say of each cell, at three scales, whether a face is there and where.

Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", 2023. Trained on WIDER FACE.
"""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from models.detectors.candidates import Candidates, Floats, numbers, probabilities
from models.detectors.detector import Detector, Recipe
from models.detectors.network import Outputs, require_shapes
from models.detectors.picture import stretched

STRIDES = (8, 16, 32)
"""Pixels of the input per cell, of each scale."""
PER_CELL = (1, 1, 4)
"""Numbers per cell: whether it is of the class, whether something is there, the box."""


def _decode(outputs: Outputs, shape: tuple[int, ...], threshold: float) -> Candidates:
    """The outputs are those of the classes for each scale, then the others likewise."""
    cells = [(shape[1] // stride, shape[2] // stride) for stride in STRIDES]
    shapes = [(1, rows * columns, n) for n in PER_CELL for rows, columns in cells]
    require_shapes("YuNet", outputs, shapes)
    classes, things, boxes = (_joined(outputs[at : at + 3]) for at in (0, 3, 6))
    scores = np.sqrt(probabilities(classes[:, 0]) * probabilities(things[:, 0]))
    faces = scores >= threshold
    return Candidates(_corners(numbers(boxes)[faces], _grid(cells)[faces]), scores[faces])


def _joined(scales: Outputs) -> NDArray[np.float32]:
    return np.concatenate([scale[0] for scale in scales])


def _grid(cells: list[tuple[int, int]]) -> Floats:
    """Column, row and stride of every cell, scale by scale, row by row, (n, 3)."""
    scales = []
    for stride, (rows, columns) in zip(STRIDES, cells, strict=True):
        row, column = np.divmod(np.arange(rows * columns), columns)
        scales.append(np.stack([column, row, np.full_like(row, stride)], axis=1))
    return np.concatenate(scales).astype(np.float64)


def _corners(boxes: Floats, grid: Floats) -> Floats:
    """boxes (n, 4): the middle from the corner of its cell, and logarithms of width and height,
    all in strides."""
    stride = grid[:, 2:]
    with np.errstate(over="ignore"):
        half = np.exp(boxes[:, 2:]) * stride / 2
    middle = (grid[:, :2] + boxes[:, :2]) * stride
    return np.concatenate([middle - half, middle + half], axis=1)


def _recipe(name: str) -> Recipe:
    return Recipe(name, "YuNet", "onnx", True, stretched, _decode, planes="bgr")


YuNet = partial(Detector, _recipe("yunet-n"))
"""The larger one, with free sizes."""
YuNetSmall = partial(Detector, _recipe("yunet-s"))
"""The smaller one: the same in all but its weights."""
