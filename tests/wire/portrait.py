"""A photographed person in the tests' pictures, and who tells whether the face shows there."""

from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from models.box import Box

LEFT, SIDE = 80, 480
"""Where the portrait stands in a picture of 640x480, from top to bottom."""
FACE = (246, 54, 342, 166)
"""Of the portrait that stands there, from the hair to the chin: x1, y1, x2, y2. Every detector says
so within a few pixels."""
PATCH = 16
BARE = 12.0
"""A patch of the face shows when its levels differ by less from those of the portrait, on average.
Encoded twice they differ by 5 at most; covers, and pictures of other things, by 25 and more."""

Image = NDArray[np.uint8]


class Judge(Protocol):
    """Finds what must not be in a stored picture."""

    def detect(self, image: Image) -> list[Box]:
        """Where it is, in an image (height, width, 3) uint8 BGR."""


def stand(portrait: Image, picture: Image) -> None:
    """Puts the square portrait into a picture of 640x480."""
    picture[:, LEFT : LEFT + SIDE] = cv2.resize(portrait, (SIDE, SIDE))


class KnownFace:
    """Finds the patches of the face that show where the portrait stands.

    It knows the truth, which no detector does: CenterFace gives up to 0.32 to the black ring of the
    space suit below a face that is covered wholly, and 0.13 to a face of which a third is bare.
    """

    def __init__(self, portrait: Image) -> None:
        self._bare = np.zeros((SIDE, LEFT + SIDE, 3), np.uint8)
        stand(portrait, self._bare)

    def detect(self, image: Image) -> list[Box]:
        """Every patch of the face that shows, in an image (480, 640, 3) uint8 BGR."""
        x1, y1, x2, y2 = FACE
        corners = [(x, y) for y in range(y1, y2, PATCH) for x in range(x1, x2, PATCH)]
        return [
            Box(x, y, x + PATCH, y + PATCH, 1.0) for x, y in corners if self._shows(image, x, y)
        ]

    def _shows(self, image: Image, x: int, y: int) -> bool:
        patch = np.s_[y : y + PATCH, x : x + PATCH]
        return float(cv2.absdiff(image[patch], self._bare[patch]).mean()) < BARE
