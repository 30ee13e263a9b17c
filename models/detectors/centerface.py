"""CenterFace: finds each face as a peak in a heat map, with the face's size beside it.

Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point", 2019.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.box import Box
from models.detectors.candidates import Candidates, numbers, probabilities
from models.detectors.drawn_faces import drawn_faces
from models.detectors.network import AUTO, Form, Network, Outputs, require_shapes
from models.detectors.picture import per_pixel, stretched

STRIDE = 4
"""Pixels of the input per cell of the maps."""


class CenterFace:
    """A face detector. Threads may share one: their calls take turns.

    weights: the ONNX file. threshold: score from which a peak is a face.
    max_side: a picture whose longer side exceeds this is shrunk to it; apart from rounding up to
    the multiple of 32, none is enlarged. runtime, threads: as `Network` takes them.
    """

    def __init__(
        self,
        weights: Path,
        threshold: float,
        max_side: int,
        threads: int | None = None,
        runtime: str = AUTO,
    ) -> None:
        """Raises ModelError: the file is not CenterFace, or nothing here can run it."""
        self._threshold = threshold
        self._max_side = max_side
        probe = stretched(drawn_faces(), max_side, rgb=True)
        form = Form("centerface", "CenterFace", "onnx", True, threshold, probe, self._decode)
        self._network = Network(form, weights, runtime, threads)
        self.id = self._network.id

    def detect(self, image: NDArray[np.uint8]) -> list[Box]:
        """Faces in an image (height, width, 3) uint8 BGR, in its pixels, best first.

        A box may reach beyond the image. Raises ModelError when the network cannot be run or
        answers with something that is not a number.
        """
        tensor = stretched(image, self._max_side, rgb=True)
        found = self._decode(self._network.run(tensor), tensor.shape)
        return found.boxes(per_pixel(image, tensor))

    def close(self) -> None:
        """Frees the network."""
        self._network.close()

    def _decode(self, outputs: Outputs, shape: tuple[int, ...]) -> Candidates:
        """Maps for (rows, columns) of cells: the score of a face whose centre is there; logarithm
        of its height and width in cells; offset of its centre down and right, in cells.
        """
        cells = (shape[2] // STRIDE, shape[3] // STRIDE)
        require_shapes("CenterFace", outputs, [(1, n, *cells) for n in (1, 2, 2)])
        heat, sizes, offsets = outputs[0][0, 0], numbers(outputs[1][0]), numbers(outputs[2][0])
        scores = probabilities(heat)
        rows, columns = at = np.nonzero(scores >= self._threshold)
        with np.errstate(over="ignore"):
            height, width = np.exp(sizes[:, rows, columns]) * STRIDE
        y, x = (np.stack(at) + 0.5 + offsets[:, rows, columns]) * STRIDE
        corners = np.stack([x - width / 2, y - height / 2, x + width / 2, y + height / 2], axis=1)
        return Candidates(corners, scores[rows, columns])
