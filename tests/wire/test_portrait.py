"""Who judges the pictures of an emulated machine sees every bare part of the face, nothing else."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from masking.fill import LEVEL
from models.detectors.centerface import CenterFace
from models.nms import iou
from tests.wire.portrait import FACE, PATCH, KnownFace
from tests.wire.service import photographs

Image = NDArray[np.uint8]
X1, Y1, X2, Y2 = FACE
COLUMNS, ROWS = (X2 - X1) // PATCH, (Y2 - Y1) // PATCH


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory, astronaut: Image) -> list[Image]:
    """As a webcam sends them."""
    folder = photographs(tmp_path_factory.mktemp("portrait") / "pictures", astronaut)
    return [encoded(read(path.read_bytes()), 80) for path in sorted(folder.iterdir())]


def encoded(picture: Image, quality: int) -> Image:
    return read(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes())


def read(jpeg: bytes) -> Image:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def showing(astronaut: Image, picture: Image, cover: tuple[int, int, int, int]) -> int:
    """How many patches of the face show in what is stored of a picture with that cover."""
    x1, y1, x2, y2 = cover
    masked = picture.copy()
    masked[y1:y2, x1:x2] = LEVEL
    return len(KnownFace(astronaut).detect(encoded(masked, 90)))


def test_it_looks_where_a_detector_sees_the_face(
    pictures: list[Image], centerface_weights: Path
) -> None:
    detector = CenterFace(centerface_weights, threshold=0.5, max_side=640)
    for picture in pictures[1::2]:
        [face] = detector.detect(picture)
        corners = np.array([face.x1, face.y1, face.x2, face.y2])
        assert iou(corners, np.array([FACE], float)) > 0.85


def test_a_bare_face_shows_in_all_its_patches_and_no_tomato_does(
    astronaut: Image, pictures: list[Image]
) -> None:
    shown = [showing(astronaut, picture, (0, 0, 0, 0)) for picture in pictures]
    assert shown == [0, ROWS * COLUMNS] * 5


def test_a_covered_face_does_not_show_whatever_a_detector_takes_for_one(
    astronaut: Image, pictures: list[Image]
) -> None:
    assert not any(showing(astronaut, picture, FACE) for picture in pictures)


@pytest.mark.parametrize(
    ("cover", "bare"),
    [
        ((X1 + PATCH, Y1, X2, Y2), ROWS),
        ((X1, Y1, X2 - PATCH, Y2), ROWS),
        ((X1, Y1 + PATCH, X2, Y2), COLUMNS),
        ((X1, Y1, X2, Y2 - PATCH), COLUMNS),
        ((X2, Y1, 2 * X2 - X1, Y2), ROWS * COLUMNS),
    ],
    ids=["left", "right", "hair", "chin", "beside it"],
)
def test_what_a_cover_leaves_bare_of_the_face_shows(
    astronaut: Image, pictures: list[Image], cover: tuple[int, int, int, int], bare: int
) -> None:
    assert [showing(astronaut, picture, cover) for picture in pictures] == [0, bare] * 5
