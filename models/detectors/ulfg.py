"""ULFG (RFB-640): looks at every picture at 640x480; few false alarms, but blind to small faces.

Linzaer, "Ultra-Light-Fast-Generic-Face-Detector-1MB", 2019. Trained on WIDER FACE.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.box import Box
from models.detectors.candidates import Candidates, numbers, probabilities
from models.detectors.drawn_faces import drawn_faces
from models.detectors.network import AUTO, Form, Network, Outputs, require_shapes
from models.detectors.picture import per_pixel

WIDTH, HEIGHT = 640, 480
PRIORS = 17640
"""Places and sizes of faces that the network knows of."""
BRIGHTNESS, CONTRAST = 127.0, 128.0


class ULFG:
    """A face detector. Threads may share one: their calls take turns.

    weights: the ONNX file of RFB-640. threshold: score from which a prior is a face.
    max_side: not used, for the network has one size. runtime, threads: as `Network` takes them.
    """

    def __init__(
        self,
        weights: Path,
        threshold: float,
        max_side: int = WIDTH,
        threads: int | None = None,
        runtime: str = AUTO,
    ) -> None:
        """Raises ModelError: the file is not RFB-640, or nothing here can run it."""
        self._threshold = threshold
        probe = _tensor(drawn_faces())
        form = Form("ulfg", "ULFG", "onnx", False, threshold, probe, self._decode)
        self._network = Network(form, weights, runtime, threads)
        self.id = self._network.id

    def detect(self, image: NDArray[np.uint8]) -> list[Box]:
        """Faces in an image (height, width, 3) uint8 BGR, in its pixels, best first.

        A box may reach beyond the image. Raises ModelError when the network cannot be run or
        answers with something that is not a number.
        """
        tensor = _tensor(image)
        found = self._decode(self._network.run(tensor), tensor.shape)
        return found.boxes(per_pixel(image, tensor))

    def close(self) -> None:
        """Frees the network."""
        self._network.close()

    def _decode(self, outputs: Outputs, shape: tuple[int, ...]) -> Candidates:
        """Of each prior the scores of no face and of a face, and corners in parts of the input."""
        require_shapes("ULFG", outputs, [(1, PRIORS, 2), (1, PRIORS, 4)])
        scores, corners = probabilities(outputs[0][0, :, 1]), numbers(outputs[1][0])
        faces = scores >= self._threshold
        return Candidates(corners[faces] * (WIDTH, HEIGHT, WIDTH, HEIGHT), scores[faces])


def _tensor(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """RGB about -1..1, (1, 3, 480, 640), stretched."""
    levels = cv2.dnn.blobFromImage(
        image,
        1 / CONTRAST,
        (WIDTH, HEIGHT),
        (BRIGHTNESS, BRIGHTNESS, BRIGHTNESS),
        swapRB=True,
    )
    return np.asarray(levels, np.float32)
