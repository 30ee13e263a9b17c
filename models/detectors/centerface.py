"""CenterFace: finds each face as a peak in a heat map, with the face's size beside it.

Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point", 2019.
"""

import hashlib
import math
import threading
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.backend import Placement, open_backend
from models.box import Box
from models.errors import ModelError
from models.nms import best_of_overlapping
from models.prediction import ModelId

STRIDE = 4
"""Pixels of the input per cell of the maps."""
MULTIPLE = 32
"""Sides of the input are multiples of this."""
MAX_IOU = 0.3


class CenterFace:
    """A face detector. Threads may share one: their calls take turns.

    weights: the ONNX file. threshold: score from which a peak is a face.
    max_side: a picture whose longer side exceeds this is shrunk to it; apart from rounding up to
    the multiple of 32, none is enlarged. threads: of the runtime; 0 leaves the number to it.
    """

    def __init__(self, weights: Path, threshold: float, max_side: int, threads: int = 0) -> None:
        """Raises ModelError: the file is not CenterFace; BackendUnavailable: nothing can run it."""
        self.id = _identity(weights)
        self._threshold = threshold
        self._max_side = max_side
        self._backend = open_backend("opencv", weights, Placement(threads=threads))
        self._turn = threading.Lock()
        self._maps(np.zeros((1, 3, 2 * MULTIPLE, 2 * MULTIPLE), np.float32))

    def detect(self, image: NDArray[np.uint8]) -> list[Box]:
        """Faces in an image (height, width, 3) uint8 BGR, in its pixels, best first.

        A box may reach beyond the image. Raises ModelError when the network cannot be run or
        answers with something that is not a number.
        """
        tensor = _tensor(image, self._max_side)
        corners, scores = _decode(self._maps(tensor), self._threshold)
        across, down = image.shape[1] / tensor.shape[3], image.shape[0] / tensor.shape[2]
        corners *= (across, down, across, down)
        kept = best_of_overlapping(corners, scores, MAX_IOU)
        return [_box(corners[i], scores[i]) for i in kept]

    def close(self) -> None:
        """Frees the network."""
        self._backend.close()

    def _maps(self, tensor: NDArray[np.float32]) -> "_Maps":
        with self._turn:
            outputs = self._backend.run(tensor)[:3]
        cells = (tensor.shape[2] // STRIDE, tensor.shape[3] // STRIDE)
        if [output.shape for output in outputs] != [(1, n, *cells) for n in (1, 2, 2)]:
            raise ModelError("the weights are not those of CenterFace: pull them again")
        heat, size, offset = (output[0].astype(np.float64) for output in outputs)
        if not (np.isfinite([size, offset]).all() and (abs(heat - 0.5) < 0.51).all()):
            raise ModelError("CenterFace answered with numbers that make no sense")
        return _Maps(heat[0], size, offset)


@dataclass(frozen=True, slots=True, eq=False)
class _Maps:
    """What the network says of each cell, (rows, columns) of them.

    heat: score of a face whose centre is there, (rows, columns).
    size: logarithm of its height and width in cells, (2, rows, columns).
    offset: of its centre from that of the cell, down and right in cells, (2, rows, columns).
    """

    heat: NDArray[np.float64]
    size: NDArray[np.float64]
    offset: NDArray[np.float64]


def _identity(weights: Path) -> ModelId:
    """The file carries no version, so the beginning of its hash stands for one."""
    try:
        sha256 = hashlib.sha256(weights.read_bytes()).hexdigest()
    except OSError as error:
        hint = "fetch it with: vision-app model pull centerface"
        raise ModelError(f"cannot read {weights} ({error.strerror}): {hint}") from error
    return ModelId("centerface", sha256[:12], sha256, "opencv")


def _tensor(image: NDArray[np.uint8], max_side: int) -> NDArray[np.float32]:
    """RGB 0..255, (1, 3, height, width), stretched to the next multiples of 32.

    Stretching by those few percent finds more faces than a border that fills up the sides.
    """
    height, width = image.shape[:2]
    scale = min(1.0, max_side / max(height, width))
    size = (_next_multiple(width * scale), _next_multiple(height * scale))
    return np.asarray(cv2.dnn.blobFromImage(image, size=size, swapRB=True), np.float32)


def _next_multiple(side: float) -> int:
    return math.ceil(round(side) / MULTIPLE) * MULTIPLE or MULTIPLE


def _decode(maps: _Maps, threshold: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Corners (n, 4) in pixels of the network's input, and scores (n,)."""
    rows, columns = cells = np.nonzero(maps.heat >= threshold)
    with np.errstate(over="ignore"):
        height, width = np.exp(maps.size[:, rows, columns]) * STRIDE
    y, x = (np.stack(cells) + 0.5 + maps.offset[:, rows, columns]) * STRIDE
    corners = np.stack([x - width / 2, y - height / 2, x + width / 2, y + height / 2], axis=1)
    if not (np.isfinite(corners).all() and (corners[:, :2] < corners[:, 2:]).all()):
        raise ModelError("CenterFace answered with a face of no size or an infinite one")
    return corners, maps.heat[rows, columns]


def _box(corners: NDArray[np.float64], score: float) -> Box:
    x1, y1, x2, y2 = corners.tolist()
    return Box(x1, y1, x2, y2, float(score))
