"""A face detector: one network, how it wants to see a picture, and how its answer is read."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.backend import PlaneOrder
from models.box import Box
from models.detectors.candidates import Candidates
from models.detectors.drawn_faces import drawn_faces
from models.detectors.network import AUTO, Form, Network, Outputs
from models.detectors.picture import Image, Seen
from models.errors import ModelError


@dataclass(frozen=True, slots=True)
class Recipe:
    """What makes one detector different from another.

    name: of its weights in the catalogue. title: for people. format: of the file.
    any_size: whether pictures of any size are fed. see: brings a picture to what the network takes,
    for the wanted longer side. decode: the faces in its outputs for an input of a shape, from a
    score on; raises ModelError when they are no outputs of this detector.
    planes: `see` gives pictures, of which the network wants planes in this order. reads: so many of
    the outputs, from the first on; 0: all.
    """

    name: str
    title: str
    format: str
    any_size: bool
    see: Callable[[Image, int], Seen]
    decode: Callable[[Outputs, tuple[int, ...], float], Candidates]
    planes: PlaneOrder | None = None
    reads: int = 0


class Detector:
    """A face detector. Threads may share one; so many at once as it has lanes, more take turns.

    weights: the recipe's file. threshold: score from which something is a face.
    max_side: a picture whose longer side exceeds this is shrunk to it, unless the network has one
    size. runtime, threads, lean, lanes: as `Network` takes them.
    """

    def __init__(
        self,
        recipe: Recipe,
        weights: Path,
        threshold: float,
        max_side: int,
        threads: int | None = None,
        runtime: str = AUTO,
        lean: bool = False,
        lanes: int = 0,
    ) -> None:
        """Raises ModelError: the file is not this detector's, or nothing here can run it."""
        probe = recipe.see(drawn_faces(), max_side).tensor
        self._recipe, self.threshold = recipe, threshold
        self.side = max_side if recipe.any_size else max(probe.shape)
        form = Form(
            name=recipe.name,
            title=recipe.title,
            format=recipe.format,
            any_size=recipe.any_size,
            threshold=threshold,
            probe=probe,
            decode=self._decode,
            planes=recipe.planes,
            reads=recipe.reads,
        )
        self._network = Network(form, weights, runtime, threads, lean, lanes)
        self.id = self._network.id

    def detect(self, image: NDArray[np.uint8]) -> list[Box]:
        """Faces in an image (height, width, 3) uint8 BGR, in its pixels, best first.

        A box may reach beyond the image. Raises ModelError when it is no such image, when the
        network cannot be run, or answers with something that is not a number.
        """
        _require_colours(image)
        seen = self._recipe.see(image, self.side)
        found = self._decode(self._network.run(seen.tensor), seen.tensor.shape)
        return found.boxes(seen.scale, seen.left, seen.top)

    def at(self, max_side: int) -> "Detector":
        """The same network seeing pictures at another size, if it has not one of its own.

        It was proved at the first. Closing one closes both.
        """
        other = copy(self)
        other.side = max_side if self._recipe.any_size else self.side
        return other

    def close(self) -> None:
        """Frees the network."""
        self._network.close()

    def _decode(self, outputs: Outputs, shape: tuple[int, ...]) -> Candidates:
        return self._recipe.decode(outputs, shape, self.threshold)


def _require_colours(image: NDArray[np.uint8]) -> None:
    """Some runtimes answer for other arrays too, and find nothing."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise ModelError(
            f"a detector is shown (height, width, 3) uint8, not {image.shape} {image.dtype}: "
            "make a colour picture of it"
        )
