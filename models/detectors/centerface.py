"""CenterFace: finds each face as a peak in a heat map, with the face's size beside it.

Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point", 2019.
"""

from functools import partial

import numpy as np

from models.detectors.candidates import Candidates, numbers, probabilities
from models.detectors.detector import Detector, Recipe
from models.detectors.network import Outputs, require_shapes
from models.detectors.picture import stretched

STRIDE = 4
"""Pixels of the input per cell of the maps."""


def _decode(outputs: Outputs, shape: tuple[int, ...], threshold: float) -> Candidates:
    """Maps for (rows, columns) of cells: the score of a face whose centre is there; logarithm
    of its height and width in cells; offset of its centre down and right, in cells.
    """
    cells = (shape[1] // STRIDE, shape[2] // STRIDE)
    require_shapes("CenterFace", outputs, [(1, n, *cells) for n in (1, 2, 2)])
    heat, sizes, offsets = outputs[0][0, 0], numbers(outputs[1][0]), numbers(outputs[2][0])
    scores = probabilities(heat)
    rows, columns = at = np.nonzero(scores >= threshold)
    with np.errstate(over="ignore"):
        height, width = np.exp(sizes[:, rows, columns]) * STRIDE
    y, x = (np.stack(at) + 0.5 + offsets[:, rows, columns]) * STRIDE
    corners = np.stack([x - width / 2, y - height / 2, x + width / 2, y + height / 2], axis=1)
    return Candidates(corners, scores[rows, columns])


CenterFace = partial(
    Detector,
    Recipe("centerface", "CenterFace", "onnx", True, stretched, _decode, planes="rgb", reads=3),
)
