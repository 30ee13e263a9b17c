"""ULFG (RFB-640): looks at every picture at 640x480; few false alarms, but blind to small faces.

Linzaer, "Ultra-Light-Fast-Generic-Face-Detector-1MB", 2019. Trained on WIDER FACE.
"""

from functools import partial

import cv2
import numpy as np

from models.detectors.candidates import Candidates, numbers, probabilities
from models.detectors.detector import Detector, Recipe
from models.detectors.network import Outputs, require_shapes
from models.detectors.picture import Image, Seen

WIDTH, HEIGHT = 640, 480
PRIORS = 17640
"""Places and sizes of faces that the network knows of."""
BRIGHTNESS, CONTRAST = 127.0, 128.0


def _decode(outputs: Outputs, shape: tuple[int, ...], threshold: float) -> Candidates:
    """Of each prior the scores of no face and of a face, and corners in parts of the input."""
    require_shapes("ULFG", outputs, [(1, PRIORS, 2), (1, PRIORS, 4)])
    scores, corners = probabilities(outputs[0][0, :, 1]), numbers(outputs[1][0])
    faces = scores >= threshold
    return Candidates(corners[faces] * (WIDTH, HEIGHT, WIDTH, HEIGHT), scores[faces])


def _see(image: Image, max_side: int) -> Seen:
    """RGB about -1..1, (1, 3, 480, 640), stretched: the network has one size."""
    levels = cv2.dnn.blobFromImage(
        image,
        1 / CONTRAST,
        (WIDTH, HEIGHT),
        (BRIGHTNESS, BRIGHTNESS, BRIGHTNESS),
        swapRB=True,
    )
    height, width = image.shape[:2]
    return Seen(np.asarray(levels, np.float32), (width / WIDTH, height / HEIGHT))


ULFG = partial(Detector, Recipe("ulfg", "ULFG", "onnx", False, _see, _decode))
"""Its weights are those of RFB-640."""
