"""Counts what masked photographs still show of the faces in them, and what they no longer show."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.leaks.judges import portrait
from masking.fill import LEVEL
from tests.models.detectors.photographs import Photograph

SMALL, LARGE = 20, 40
"""Pixels of the shorter side: from SMALL on a face is looked at for what is unchanged of it, from
LARGE on for whether it is found again."""
EXPOSED = 0.25
"""A face with a larger share of its box unchanged is bare."""
NOISE = 16
"""Levels that JPEG may add or take."""
COVER_NOISE = 4
"""The same within covers, which are flat."""

Pixels = NDArray[np.uint8]
Flags = NDArray[np.bool_]


@dataclass(slots=True)
class Shown:
    """Counts over photographs. portraits: faces of LARGE pixels, raw and masked."""

    faces: int = 0
    bare: int = 0
    raw: list[Pixels] = field(default_factory=list)
    masked: list[Pixels] = field(default_factory=list)
    whole: tuple[int, int] = (0, 0)
    empty: tuple[int, int] = (0, 0)
    """Pixels changed, and all: of all photographs, and of those in which nothing is a face."""
    photographs: int = 0
    withheld: int = 0

    def add(self, photograph: Photograph, output: Pixels, unchanged: Flags) -> None:
        """output: the photograph as masked; unchanged: where it is, (height, width)."""
        self.photographs += 1
        for face, ignored in zip(photograph.faces, photograph.ignored, strict=True):
            size = 0 if ignored else min(face[2] - face[0], face[3] - face[1])
            if size >= SMALL:
                x1, y1, x2, y2 = (max(0, round(float(corner))) for corner in face)
                self.faces += 1
                self.bare += bool(unchanged[y1:y2, x1:x2].mean() > EXPOSED)
            if size >= LARGE:
                self.raw.append(portrait(photograph.pixels, face))
                self.masked.append(portrait(output, face))
        changed = unchanged.size - int(unchanged.sum())
        self.whole = self.whole[0] + changed, self.whole[1] + unchanged.size
        if not len(photograph.faces):
            self.empty = self.empty[0] + changed, self.empty[1] + unchanged.size

    def withhold(self) -> None:
        """A photograph without an output: nothing of it leaks."""
        self.photographs += 1
        self.withheld += 1


def same(raw: Pixels, output: Pixels, noise: int = 0) -> Flags:
    """Where no channel differs by more than noise, (height, width)."""
    differ = np.abs(raw.astype(np.int16) - output.astype(np.int16))
    return np.asarray(differ.max(axis=2) <= noise, np.bool_)


def grey(output: Pixels) -> Flags:
    """Where it shows the colour of covers, as JPEG leaves it, (height, width)."""
    away = np.abs(output.astype(np.int16) - LEVEL)
    return np.asarray(away.max(axis=2) <= COVER_NOISE, np.bool_)


def share(part: int, whole: int) -> str:
    """In hundredths, and as counted."""
    return f"{part / max(1, whole):.2%} ({part} of {whole})"


def area(changed: tuple[int, int]) -> str:
    """A share of pixels."""
    return f"{changed[0] / max(1, changed[1]):.2%}"
