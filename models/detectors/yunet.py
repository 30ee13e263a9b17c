"""YuNet: small networks that say of each cell, at three scales, whether a face is there and where.

Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", 2023. Trained on WIDER FACE.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.box import Box
from models.detectors.candidates import Candidates, Floats, numbers, probabilities
from models.detectors.drawn_faces import drawn_faces
from models.detectors.network import AUTO, Form, Network, Outputs, require_shapes
from models.detectors.picture import per_pixel, stretched

STRIDES = (8, 16, 32)
"""Pixels of the input per cell, of each scale."""
PER_CELL = (1, 1, 4)
"""Numbers per cell: whether it is of the class, whether something is there, the box."""


class YuNet:
    """The larger one, YuNet-n. Threads may share a detector: their calls take turns.

    weights: the ONNX file with free sizes. threshold: score from which a cell holds a face.
    max_side: a picture whose longer side exceeds this is shrunk to it; apart from rounding up to
    the multiple of 32, none is enlarged. runtime, threads: as `Network` takes them.
    """

    name = "yunet-n"

    def __init__(
        self,
        weights: Path,
        threshold: float,
        max_side: int,
        threads: int | None = None,
        runtime: str = AUTO,
    ) -> None:
        """Raises ModelError: the file is not YuNet, or nothing here can run it."""
        self._threshold = threshold
        self._max_side = max_side
        probe = stretched(drawn_faces(), max_side, rgb=False)
        form = Form(self.name, "YuNet", "onnx", True, threshold, probe, self._decode)
        self._network = Network(form, weights, runtime, threads)
        self.id = self._network.id

    def detect(self, image: NDArray[np.uint8]) -> list[Box]:
        """Faces in an image (height, width, 3) uint8 BGR, in its pixels, best first.

        A box may reach beyond the image. Raises ModelError when the network cannot be run or
        answers with something that is not a number.
        """
        tensor = stretched(image, self._max_side, rgb=False)
        found = self._decode(self._network.run(tensor), tensor.shape)
        return found.boxes(per_pixel(image, tensor))

    def close(self) -> None:
        """Frees the network."""
        self._network.close()

    def _decode(self, outputs: Outputs, shape: tuple[int, ...]) -> Candidates:
        """The outputs are those of the classes for each scale, then the others likewise."""
        cells = [(shape[2] // stride, shape[3] // stride) for stride in STRIDES]
        shapes = [(1, rows * columns, n) for n in PER_CELL for rows, columns in cells]
        require_shapes("YuNet", outputs, shapes)
        classes, things, boxes = (_joined(outputs[at : at + 3]) for at in (0, 3, 6))
        scores = np.sqrt(probabilities(classes[:, 0]) * probabilities(things[:, 0]))
        faces = scores >= self._threshold
        return Candidates(_corners(numbers(boxes)[faces], _grid(cells)[faces]), scores[faces])


class YuNetSmall(YuNet):
    """The smaller one, YuNet-s: the same in all but its weights."""

    name = "yunet-s"


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
