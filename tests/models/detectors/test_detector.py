"""What holds for a detector whatever runtime its network is on."""

import gc
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.detectors.centerface import CenterFace
from models.detectors.network import RUNTIMES
from models.errors import ModelError
from tests.models.detectors.red_faces import network, red_cell


@pytest.mark.parametrize("runtime", RUNTIMES["onnx"])
@pytest.mark.parametrize("lanes", [0, 2])
def test_pictures_of_many_sizes_in_turn_get_answers_of_their_own(
    tmp_path: Path, runtime: str, lanes: int
) -> None:
    detector = CenterFace(network(tmp_path / "n.onnx"), 0.5, 640, runtime=runtime, lanes=lanes)
    for row in (1, 2, 3, 4, 5, 1, 5):
        seen = red_cell(64 * row, 32 + 64 * row, 8, row)
        [box] = detector.detect(seen)
        assert (box.x1, (box.y1 + box.y2) / 2) == pytest.approx((26, 4 * row + 2), abs=1e-3)
        assert detector.detect(seen[:, :, ::-1].copy()) == [], "what is red is blue now"
    detector.close()


def test_a_detector_that_nobody_has_any_more_is_freed_at_once(tmp_path: Path) -> None:
    detector = CenterFace(network(tmp_path / "n.onnx"), 0.5, 640)
    held = weakref.ref(detector)
    gc.disable()
    del detector
    freed = held() is None
    gc.enable()
    assert freed, "it does not wait for a search for circles"


@pytest.mark.parametrize("runtime", RUNTIMES["onnx"])
def test_what_is_no_colour_picture_is_an_error_not_a_picture_without_faces(
    tmp_path: Path, runtime: str
) -> None:
    detector = CenterFace(network(tmp_path / "n.onnx"), 0.5, 640, runtime=runtime)
    red = red_cell(64, 64, 3, 3)
    others: tuple[Any, ...] = (red[:, :, 2], np.dstack([red, red[:, :, :1]]), red[:0], red / 255)
    for other in others:
        with pytest.raises(ModelError, match="make a colour picture of it"):
            detector.detect(other)
    detector.close()
