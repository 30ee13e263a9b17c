"""BlazeFace, full range: looks at every picture at 192x192; quick, for faces close by.

Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", 2019.
"""

from functools import partial

import cv2
import numpy as np

from models.detectors.candidates import Candidates, numbers
from models.detectors.detector import Detector, Recipe
from models.detectors.network import Outputs, require_shapes
from models.detectors.picture import Image, Seen

SIDE, STRIDE = 192, 4
CELLS = SIDE // STRIDE
PER_CELL = 16
"""Numbers per cell: middle, width and height of the box, then six points, all in pixels."""
LEVELS = np.float32(127.5)
SURE = 80.0
"""Beyond this a logit changes nothing."""


def _decode(outputs: Outputs, shape: tuple[int, ...], threshold: float) -> Candidates:
    """Of each cell, row by row, a box about its middle, and the logit of its score."""
    cells = CELLS * CELLS
    require_shapes("BlazeFace", outputs, [(1, cells, PER_CELL), (1, cells, 1)])
    boxes, logits = numbers(outputs[0][0, :, :4]), numbers(outputs[1][0, :, 0])
    scores = 1 / (1 + np.exp(-logits.clip(-SURE, SURE)))
    (at,) = np.nonzero(scores >= threshold)
    middles = (np.stack([at % CELLS, at // CELLS], axis=1) + 0.5) * STRIDE + boxes[at, :2]
    half = boxes[at, 2:] / 2
    return Candidates(np.concatenate([middles - half, middles + half], axis=1), scores[at])


def _see(image: Image, max_side: int) -> Seen:
    """RGB -1..1, (1, 192, 192, 3): in the middle the picture in its own proportions, black around;
    the network has one size.
    """
    scale = SIDE / max(image.shape[:2])
    height, width = (max(1, round(side * scale)) for side in image.shape[:2])
    left, top = (SIDE - width) // 2, (SIDE - height) // 2
    square = np.zeros((SIDE, SIDE, 3), np.uint8)
    square[top : top + height, left : left + width] = cv2.resize(
        image, (width, height), interpolation=cv2.INTER_AREA
    )
    rgb = square[None, :, :, ::-1].astype(np.float32)
    across, down = image.shape[1] / width, image.shape[0] / height
    return Seen(rgb / LEVELS - 1, (across, down), left, top)


BlazeFace = partial(Detector, Recipe("blazeface", "BlazeFace", "tflite", False, _see, _decode))
