"""Annotated photographs, and what a detector made of them."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.box import Box
from models.faces import FaceDetector
from models.nms import iou

MIN_IOU = 0.4
Corners = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Photograph:
    """pixels BGR; faces (n, 4) as x1, y1, x2, y2; ignored: those that count neither way;
    wider: whether it is one of WIDER FACE."""

    name: str
    pixels: NDArray[np.uint8]
    faces: Corners
    ignored: NDArray[np.bool_]
    wider: bool


@dataclass(slots=True)
class Tally:
    """Counts over photographs; false_pixels: area of the boxes that hold no face."""

    faces: int = 0
    found: int = 0
    false: int = 0
    false_pixels: float = 0.0
    pixels: int = 0

    @property
    def recall(self) -> float:
        return self.found / max(1, self.faces)

    @property
    def precision(self) -> float:
        return self.found / max(1, self.found + self.false)

    @property
    def false_area(self) -> float:
        """Share of the pictures that is taken for faces and holds none."""
        return self.false_pixels / max(1, self.pixels)

    def add(self, photograph: Photograph, boxes: list[Box]) -> None:
        """A box counts for the face that it overlaps most, the best box first."""
        height, width = photograph.pixels.shape[:2]
        self.pixels += height * width
        self.faces += int((~photograph.ignored).sum())
        free = np.ones(len(photograph.faces), bool)
        for box in boxes:
            overlaps = iou(np.array([box.x1, box.y1, box.x2, box.y2]), photograph.faces) * free
            face = int(overlaps.argmax()) if overlaps.size else -1
            if face >= 0 and overlaps[face] >= MIN_IOU:
                free[face] = False
                self.found += not photograph.ignored[face]
            else:
                x1, y1, x2, y2 = box.pixels(width, height)
                self.false += 1
                self.false_pixels += max(0, x2 - x1) * max(0, y2 - y1)


def photographs(folder: Path, every: int = 1) -> Iterator[Photograph]:
    """Those of a folder with annotations.json."""
    for row in json.loads((folder / "annotations.json").read_text())["images"][::every]:
        pixels = cv2.imread(str(folder / row["file"]))
        assert pixels is not None
        yield Photograph(
            row["file"],
            np.asarray(pixels, np.uint8),
            np.array([face["box"] for face in row["faces"]], np.float64).reshape(-1, 4),
            np.array([face["ignore"] for face in row["faces"]], bool),
            row["wider_name"] is not None,
        )


def tally(detector: FaceDetector, pictures: Iterable[Photograph]) -> Tally:
    """What the detector makes of them."""
    result = Tally()
    for picture in pictures:
        result.add(picture, detector.detect(picture.pixels))
    return result
