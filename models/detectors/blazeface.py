"""BlazeFace, full range: looks at every picture at 192x192; quick, for faces close by.

Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", 2019.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.box import Box
from models.detectors.candidates import Candidates, numbers
from models.detectors.drawn_faces import drawn_faces
from models.detectors.network import AUTO, Form, Network, Outputs, require_shapes

SIDE, STRIDE = 192, 4
CELLS = SIDE // STRIDE
PER_CELL = 16
"""Numbers per cell: middle, width and height of the box, then six points, all in pixels."""
LEVELS = np.float32(127.5)
SURE = 80.0
"""Beyond this a logit changes nothing."""


class BlazeFace:
    """A face detector. Threads may share one: their calls take turns.

    weights: the .tflite file. threshold: score from which a cell holds a face.
    max_side: not used, for the network has one size. runtime, threads: as `Network` takes them.
    """

    def __init__(
        self,
        weights: Path,
        threshold: float,
        max_side: int = SIDE,
        threads: int | None = None,
        runtime: str = AUTO,
    ) -> None:
        """Raises ModelError: the file is not BlazeFace, or nothing here can run it."""
        self._threshold = threshold
        probe, _, _ = _fitted(drawn_faces())
        form = Form("blazeface", "BlazeFace", "tflite", False, threshold, probe, self._decode)
        self._network = Network(form, weights, runtime, threads)
        self.id = self._network.id

    def detect(self, image: NDArray[np.uint8]) -> list[Box]:
        """Faces in an image (height, width, 3) uint8 BGR, in its pixels, best first.

        A box may reach beyond the image. Raises ModelError when the network cannot be run or
        answers with something that is not a number.
        """
        tensor, (width, height), (left, top) = _fitted(image)
        found = self._decode(self._network.run(tensor), tensor.shape)
        return found.boxes((image.shape[1] / width, image.shape[0] / height), left, top)

    def close(self) -> None:
        """Frees the network."""
        self._network.close()

    def _decode(self, outputs: Outputs, shape: tuple[int, ...]) -> Candidates:
        """Of each cell, row by row, a box about its middle, and the logit of its score."""
        cells = CELLS * CELLS
        require_shapes("BlazeFace", outputs, [(1, cells, PER_CELL), (1, cells, 1)])
        boxes, logits = numbers(outputs[0][0, :, :4]), numbers(outputs[1][0, :, 0])
        scores = 1 / (1 + np.exp(-logits.clip(-SURE, SURE)))
        (at,) = np.nonzero(scores >= self._threshold)
        middles = (np.stack([at % CELLS, at // CELLS], axis=1) + 0.5) * STRIDE + boxes[at, :2]
        half = boxes[at, 2:] / 2
        return Candidates(np.concatenate([middles - half, middles + half], axis=1), scores[at])


def _fitted(
    image: NDArray[np.uint8],
) -> tuple[NDArray[np.float32], tuple[int, int], tuple[int, int]]:
    """RGB -1..1, (1, 192, 192, 3): in the middle the picture in its own proportions, black around.

    Beside it the picture's width and height in there, and where it begins from the left and top.
    """
    scale = SIDE / max(image.shape[:2])
    height, width = (max(1, round(side * scale)) for side in image.shape[:2])
    left, top = (SIDE - width) // 2, (SIDE - height) // 2
    square = np.zeros((SIDE, SIDE, 3), np.uint8)
    square[top : top + height, left : left + width] = cv2.resize(
        image, (width, height), interpolation=cv2.INTER_AREA
    )
    rgb = square[None, :, :, ::-1].astype(np.float32)
    return rgb / LEVELS - 1, (width, height), (left, top)
