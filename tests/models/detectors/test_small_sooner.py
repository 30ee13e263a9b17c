"""Small faces count at lower scores than large ones."""

import numpy as np

from models.box import Box
from models.detectors.small_sooner import SmallSooner
from models.prediction import ModelId

PICTURE = np.zeros((360, 640, 3), np.uint8)
SMALL, LARGE = (100, 100, 150, 180), (100, 100, 170, 180)
"""The roots of their areas are 63 and 75 pixels; a tenth of the picture's longer side is 64."""


class Finds:
    """A detector that finds these in every picture."""

    id = ModelId("stand-in", "1", "0" * 64, "none")
    threshold, side = 0.2, 640

    def __init__(self, *boxes: Box) -> None:
        self._boxes = boxes
        self.closed = 0

    def detect(self, image: np.ndarray) -> list[Box]:
        return list(self._boxes)

    def at(self, max_side: int) -> "Finds":
        other = Finds(*self._boxes)
        other.side = max_side
        return other

    def close(self) -> None:
        self.closed += 1


def found(*boxes: Box) -> list[Box]:
    return SmallSooner(Finds(*boxes), 0.5).detect(PICTURE)


def test_a_small_face_counts_as_soon_as_it_is_found_and_a_large_one_from_the_threshold_on() -> None:
    unsure = [Box(*SMALL, 0.21), Box(*LARGE, 0.49)]
    sure = [Box(*SMALL, 0.9), Box(*LARGE, 0.5)]
    assert found(*unsure) == [unsure[0]]
    assert found(*sure) == sure


def test_it_says_the_threshold_from_which_all_faces_count() -> None:
    detector = Finds()
    sooner = SmallSooner(detector, 0.5)
    assert (sooner.threshold, sooner.side, sooner.id) == (0.5, 640, Finds.id)
    sooner.close()
    assert detector.closed == 1


def test_at_another_size_small_faces_still_count_sooner() -> None:
    other = SmallSooner(Finds(Box(*SMALL, 0.21), Box(*LARGE, 0.3)), 0.5).at(320)
    assert (other.side, other.threshold) == (320, 0.5)
    assert len(other.detect(PICTURE)) == 1
