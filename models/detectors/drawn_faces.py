"""A picture with faces, on which runtimes are compared: drawn, so that it belongs to nobody."""

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 640, 480
FACES = ((200, 240, 90), (420, 200, 50), (540, 350, 24), (60, 60, 12))
"""Middle and half the height of each, pixels."""
WALL, HAIR, SKIN, NOSE = (90, 110, 100), (25, 35, 50), (135, 165, 215), (110, 140, 190)
WHITE, PUPIL, BROW, LIPS = (240, 240, 240), (30, 40, 50), (40, 50, 70), (90, 90, 180)


def drawn_faces() -> NDArray[np.uint8]:
    """Four simple faces before a wall, large to small; (480, 640, 3) BGR."""
    picture = np.full((HEIGHT, WIDTH, 3), WALL, np.uint8)
    for x, y, half in FACES:
        _draw(picture, x, y, half)
    return np.asarray(cv2.GaussianBlur(picture, (3, 3), 0), np.uint8)


def _draw(picture: NDArray[np.uint8], x: int, y: int, half: int) -> None:
    def oval(across: float, down: float, width: float, height: float, colour: object) -> None:
        """At a place and with half axes in parts of `half`."""
        middle = (x + int(across * half), y + int(down * half))
        axes = (max(1, int(width * half)), max(1, int(height * half)))
        cv2.ellipse(picture, middle, axes, 0, 0, 360, colour, -1)  # type: ignore[call-overload]

    oval(0, -0.35, 0.85, 0.95, HAIR)
    oval(0, 0, 0.72, 1.0, SKIN)
    for side in (-0.3, 0.3):
        oval(side, -0.15, 0.15, 0.08, WHITE)
        oval(side, -0.15, 0.07, 0.07, PUPIL)
        oval(side, -0.33, 0.18, 0.04, BROW)
    oval(0, 0.2, 0.1, 0.12, NOSE)
    oval(0, 0.52, 0.28, 0.08, LIPS)
