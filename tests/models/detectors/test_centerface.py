"""How the maps of CenterFace are read, on tiny real networks of its form, and on the real one."""

import math
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.detectors.centerface import CenterFace
from models.detectors.network import RUNTIMES
from models.errors import ModelError
from models.faces import open_detector
from tests.models.detectors.red_faces import network, red_cell
from tests.models.networks import colour_network


def test_a_peak_becomes_a_box_about_the_middle_of_its_cell(tmp_path: Path) -> None:
    detector = CenterFace(network(tmp_path / "n.onnx"), 0.5, 640)
    [box] = detector.detect(red_cell(128, 96, column=10, row=5))
    assert (box.x1, box.y1, box.x2, box.y2) == pytest.approx((34, 10, 50, 34), abs=1e-4)
    assert box.score == pytest.approx(1.0)
    detector.close()


def test_the_offset_moves_the_centre_down_by_cells(tmp_path: Path) -> None:
    detector = CenterFace(network(tmp_path / "n.onnx", down=0.25), 0.5, 640)
    [box] = detector.detect(red_cell(128, 96, column=10, row=5))
    assert (box.x1, box.y1) == pytest.approx((34, 11), abs=1e-4)
    detector.close()


def test_a_picture_that_is_no_multiple_of_32_is_stretched_and_its_boxes_brought_back(
    tmp_path: Path,
) -> None:
    image = np.zeros((90, 100, 3), np.uint8)
    image[40:52, 60:72, 2] = 255
    detector = CenterFace(network(tmp_path / "n.onnx"), 0.9, 640)
    best = detector.detect(image)[0]
    centre = ((best.x1 + best.x2) / 2, (best.y1 + best.y2) / 2)
    assert centre == pytest.approx((66, 46), abs=4)
    assert best.x2 - best.x1 == pytest.approx(16 * 100 / 128)
    assert best.y2 - best.y1 == pytest.approx(24 * 90 / 96)
    detector.close()


def test_a_larger_picture_is_shrunk_to_the_longer_side(tmp_path: Path) -> None:
    image = cv2.resize(red_cell(128, 64, 10, 5), (1280, 640), interpolation=cv2.INTER_NEAREST)
    detector = CenterFace(network(tmp_path / "n.onnx"), 0.8, 128)
    [box] = detector.detect(np.asarray(image, np.uint8))
    assert (box.x1, box.y1, box.x2, box.y2) == pytest.approx((340, 100, 500, 340), abs=1e-2)
    detector.close()


def test_colours_reach_the_network_as_rgb(tmp_path: Path) -> None:
    detector = CenterFace(network(tmp_path / "n.onnx"), 0.5, 640)
    blue = red_cell(64, 64, 3, 3)[:, :, ::-1].copy()
    assert detector.detect(blue) == []
    detector.close()


def test_peaks_that_overlap_become_one_and_the_best_comes_first(tmp_path: Path) -> None:
    image = red_cell(128, 96, 10, 5)
    image[20:24, 44:48, 2] = 200  # the cell to the right
    image[80:84, 100:104, 2] = 150  # far away
    detector = CenterFace(network(tmp_path / "n.onnx"), 0.5, 640)
    scores = [box.score for box in detector.detect(image)]
    assert scores == pytest.approx([1.0, 150 / 255], abs=5e-3)
    detector.close()


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (700, 1), (33, 31), (2160, 3840)])
def test_pictures_of_any_shape_are_looked_at(tmp_path: Path, shape: tuple[int, int]) -> None:
    detector = CenterFace(network(tmp_path / "n.onnx"), 0.5, 640)
    assert detector.detect(np.zeros((*shape, 3), np.uint8)) == []
    assert detector.detect(np.full((*shape, 3), 255, np.uint8))
    detector.close()


def test_not_a_number_in_one_cell_is_an_error_not_a_face_less(tmp_path: Path) -> None:
    almost = network(tmp_path / "n.onnx", gain=-1, more=0.97, root=True)
    detector = CenterFace(almost, 0.86, 640)
    assert detector.detect(np.zeros((64, 64, 3), np.uint8)), "a number everywhere"
    with pytest.raises(ModelError, match="make no sense"):
        detector.detect(red_cell(64, 64, 3, 3))
    detector.close()


@pytest.mark.parametrize("gain", [-1.0, 2.0, 1e38, math.inf])
def test_heat_that_is_no_probability_is_an_error(tmp_path: Path, gain: float) -> None:
    with pytest.raises(ModelError, match="make no sense"):
        CenterFace(network(tmp_path / "n.onnx", gain), 0.5, 640).detect(red_cell(64, 64, 3, 3))


@pytest.mark.parametrize("size", [800.0, -800.0])
def test_a_face_of_no_size_or_an_infinite_one_is_an_error(tmp_path: Path, size: float) -> None:
    with pytest.raises(ModelError, match="no size or an infinite one"):
        CenterFace(network(tmp_path / "n.onnx", size=size), 0.5, 640)


def test_weights_that_answer_nonsense_for_a_drawn_face_are_refused_when_they_are_opened(
    tmp_path: Path,
) -> None:
    with pytest.raises(ModelError, match=r"cannot be used as CenterFace .*make no sense"):
        CenterFace(network(tmp_path / "n.onnx", gain=-1, root=True), 0.5, 640)


def test_a_blind_network_is_refused_though_its_numbers_are_usual(tmp_path: Path) -> None:
    """As a runtime that computes wrongly would make of good weights."""
    with pytest.raises(ModelError, match="finds no face where four are drawn"):
        CenterFace(network(tmp_path / "n.onnx", gain=0), 0.5, 640)


def test_another_network_is_refused_when_it_is_opened(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not those of CenterFace"):
        CenterFace(colour_network(tmp_path / "n.onnx"), 0.5, 640)


def test_weights_that_are_no_network_or_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="vision-app model pull centerface"):
        CenterFace(tmp_path / "absent.onnx", 0.5, 640)
    (tmp_path / "text.onnx").write_text("not a network")
    with pytest.raises(ModelError):
        CenterFace(tmp_path / "text.onnx", 0.5, 640)


def test_a_closed_detector_is_an_error(tmp_path: Path) -> None:
    detector = CenterFace(network(tmp_path / "n.onnx"), 0.5, 640)
    detector.close()
    detector.close()
    with pytest.raises(ModelError, match="closed"):
        detector.detect(red_cell(64, 64, 3, 3))


def test_threads_that_share_a_detector_get_their_own_answers(tmp_path: Path) -> None:
    detector = CenterFace(network(tmp_path / "n.onnx"), 0.5, 640)
    wrong: list[int] = []

    def seek(row: int) -> None:
        for _ in range(50):
            [box] = detector.detect(red_cell(64 * row, 128, 10, row))
            if abs((box.y1 + box.y2) / 2 - (row * 4 + 2)) > 0.01:
                wrong.append(row)

    threads = [threading.Thread(target=seek, args=(row,)) for row in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    detector.close()


def test_the_real_one_finds_the_face_of_the_astronaut_and_nothing_else(
    centerface_weights: Path, astronaut: NDArray[np.uint8]
) -> None:
    detector = open_detector("centerface", centerface_weights, 0.2, 640)
    [face] = detector.detect(astronaut)
    assert face.score > 0.9
    assert (face.x1, face.y1, face.x2, face.y2) == pytest.approx((180, 60, 270, 178), abs=12)
    assert detector.id.sha256.startswith("09189dea")
    assert detector.id.name == "centerface"
    assert detector.id.backend.split()[0] in RUNTIMES["onnx"]
