"""Photographs for the measurement of fills: with their faces, as stored, and as altered copies."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.leaks.row import DATA
from tests.models.detectors.photographs import photographs
from uploader.choosing.settings import KeepSettings

SMALLEST = 40
"""Pixels of the longer side of a face that is measured; below it nobody is recognised anyway."""
SCALE, GAMMA, LIGHT, COPY_QUALITY = 0.83, 0.8, (0.9, 1.0, 1.08), 70
TOLD = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [-0.05, 0, 1.05, 0], [0, 0.03, 0, 0.97]])
"""A face of a copy is taken to lie a little beside where it lies: corners (x1, y1, x2, y2)."""

Pixels = NDArray[np.uint8]
Corners = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A photograph; all its faces (n, 4), which are covered, and those that are measured."""

    pixels: Pixels
    faces: Corners
    measured: Corners


def scenes(every: int) -> list[Scene]:
    """Every n-th photograph, where it has a face to measure."""
    found = []
    for picture in photographs(DATA / "faces", every):
        x1, y1, x2, y2 = picture.faces.T
        large = np.maximum(x2 - x1, y2 - y1) >= SMALLEST
        found.append(Scene(picture.pixels, picture.faces, picture.faces[large & ~picture.ignored]))
    return [scene for scene in found if len(scene.measured)]


def copy_of(scene: Scene) -> Scene:
    """Smaller, in other light and compressed again; its faces lie a little beside."""
    small = cv2.resize(scene.pixels, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_AREA)
    lit = 255 * (small / 255.0) ** GAMMA * LIGHT
    pixels = stored(np.clip(lit, 0, 255).astype(np.uint8), COPY_QUALITY)
    return Scene(pixels, scene.faces @ TOLD.T * SCALE, scene.measured @ TOLD.T * SCALE)


def stored(pixels: Pixels, quality: int = KeepSettings().jpeg_quality) -> Pixels:
    """As it comes back from a JPEG, by default of the quality in which frames are kept."""
    _, body = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(body, cv2.IMREAD_COLOR), np.uint8)


def cut(
    how: Callable[[Pixels, Corners], Pixels], pictures: Sequence[Pixels], scenes: Sequence[Scene]
) -> list[Pixels]:
    """`chip` or `portrait` of each measured face, in order."""
    pairs = zip(pictures, scenes, strict=True)
    return [how(pixels, face) for pixels, scene in pairs for face in scene.measured]
