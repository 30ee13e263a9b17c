"""A camera of 1280x720 that moves over a photograph, so that it is known where the faces are."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.models.detectors.photographs import Photograph

WIDTH, HEIGHT, FRAMES = 1280, 720, 60
PART = 0.75
"""Of a photograph's width or height the view shows at most so much; small ones are enlarged."""
SPEED = (10.0, 6.0)
"""Pixels per frame at most, across and down."""
ZOOM, TURN, SHAKE, STEADY = 0.3, math.radians(1.5), 4.0, 0.8
"""A hand-held camera comes closer by so much in all, turns and shakes by so many pixels."""
NOISE = 3.0
"""Levels of a sensor's noise, other in each frame; the deviation."""

Way = Literal["pan", "hand-held"]
Pixels = NDArray[np.uint8]
Corners = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One frame, BGR, and where the faces of the photograph (n, 4) are in it or beside it."""

    pixels: Pixels
    faces: Corners


def views(photograph: Photograph, way: Way, seed: int) -> Iterator[View]:
    """The frames of a move along one of the photograph's diagonals."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, NOISE, (HEIGHT + 64, WIDTH + 64, 3)).astype(np.float32)
    for place in _places(photograph.pixels.shape[1], photograph.pixels.shape[0], way, rng):
        seen = cv2.warpAffine(
            photograph.pixels, place, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT
        )
        down, across = rng.integers(0, 64, 2)
        noisy = seen + noise[down : down + HEIGHT, across : across + WIDTH]
        yield View(np.clip(noisy, 0, 255).astype(np.uint8), _seen(photograph.faces, place))


def _places(width: int, height: int, way: Way, rng: np.random.Generator) -> Iterator[Corners]:
    """From pixels of the photograph to pixels of the view, (2, 3), frame by frame."""
    scale = max(1.0, WIDTH / (PART * width), HEIGHT / (PART * height))
    room = np.array([scale * width - WIDTH, scale * height - HEIGHT])
    span = np.minimum(room, np.array(SPEED) * (FRAMES - 1))
    corner, forward = (room - span) * rng.random(2), rng.random(2) < 0.5
    shaken = np.zeros(2)
    for part in np.linspace(0, 1, FRAMES):
        middle = (corner + span * np.where(forward, part, 1 - part)) / scale
        middle += np.array([WIDTH, HEIGHT]) / 2 / scale
        size, angle = scale, 0.0
        if way == "hand-held":
            size, angle = scale * (1 + ZOOM * part), TURN * math.sin(4 * math.pi * part)
            shaken = STEADY * shaken + rng.normal(0, SHAKE, 2)
        yield _place(middle, size, angle, shaken)


def _place(middle: Corners, size: float, angle: float, shaken: Corners) -> Corners:
    along, aside = size * math.cos(angle), size * math.sin(angle)
    turn = np.array([[along, -aside], [aside, along]])
    shift = np.array([WIDTH, HEIGHT]) / 2 + shaken - turn @ middle
    return np.column_stack([turn, shift])


def _seen(faces: Corners, place: Corners) -> Corners:
    """The boxes about the turned boxes."""
    corners = faces[:, [[0, 1], [2, 1], [0, 3], [2, 3]]] @ place[:, :2].T + place[:, 2]
    return np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
