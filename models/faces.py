"""What a face detector is, and the table of those that we have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from models.box import Box
from models.prediction import ModelId

DetectorName = Literal["centerface", "yunet-n", "yunet-s", "ulfg", "blazeface"]
DetectorChoice = Literal[DetectorName, "auto"]


@dataclass(frozen=True, slots=True)
class DetectorKind:
    """One of our detectors; its weights have its name in the catalogue.

    target: "module:Class". threshold: score from which a detection is a face, where none is set.
    small: the same for small faces, where every frame is looked at (models/detectors/small_sooner).
    cover: the threshold for looking together with another detector (masking/pair.py): from it on
    counts what both see. judge: the threshold for looking at what was masked by others. Both were
    chosen on the photographs of benchmarks/leaks/stills.py.
    any_size: whether it looks at pictures in their own proportions and up to the wanted size;
    the others see all pictures at the one size of their network.
    """

    target: str
    threshold: float
    small: float
    cover: float
    judge: float
    any_size: bool = True


DETECTORS: Mapping[DetectorName, DetectorKind] = {
    "centerface": DetectorKind("models.detectors.centerface:CenterFace", 0.2, 0.08, 0.1, 0.3),
    "yunet-n": DetectorKind("models.detectors.yunet:YuNet", 0.5, 0.2, 0.2, 0.5),
    "yunet-s": DetectorKind("models.detectors.yunet:YuNetSmall", 0.5, 0.2, 0.2, 0.5),
    "ulfg": DetectorKind("models.detectors.ulfg:ULFG", 0.5, 0.25, 0.25, 0.7, any_size=False),
    "blazeface": DetectorKind(
        "models.detectors.blazeface:BlazeFace", 0.5, 0.25, 0.25, 0.6, any_size=False
    ),
}


class FaceDetector(Protocol):
    """Finds faces in one picture."""

    @property
    def id(self) -> ModelId:
        """Which detector, with the hash of its weights."""

    @property
    def threshold(self) -> float:
        """Score from which something is a face."""

    @property
    def side(self) -> int:
        """Longer side of what it sees of a picture, pixels."""

    def detect(self, image: NDArray[np.uint8]) -> list[Box]:
        """Faces in an image (height, width, 3) uint8 BGR, in its pixels, best first.

        Raises ModelError when the network cannot be run.
        """


class OpenedDetector(FaceDetector, Protocol):
    """One of ours, with its network loaded."""

    def at(self, max_side: int) -> "OpenedDetector":
        """The same network seeing pictures at another size; closing one closes both."""

    def close(self) -> None:
        """Frees the network; may be called twice."""


def open_detector(
    name: DetectorName,
    weights: Path,
    threshold: float,
    max_side: int,
    threads: int | None = None,
    runtime: str = "auto",
    lean: bool = False,
    lanes: int = 0,
) -> OpenedDetector:
    """The named detector with its weights loaded, by default on the fastest runtime that works.

    threshold: score from which a detection is a face. max_side: longer side of what it sees.
    threads, runtime, lean, lanes: as `models.detectors.network.Network` takes them.
    Raises ModelError when it cannot run here.
    """
    module, _, name_of_class = DETECTORS[name].target.partition(":")
    kind: Callable[..., OpenedDetector] = getattr(import_module(module), name_of_class)
    return kind(weights, threshold, max_side, threads, runtime, lean, lanes)
