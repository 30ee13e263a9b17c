"""Every detector with its own weights: how much it finds, on which runtime, and what it refuses."""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.box import Box
from models.catalogue.catalogue import catalogue
from models.detectors.budget import RECALLS
from models.detectors.network import RUNTIMES
from models.detectors.small_sooner import open_small_sooner
from models.errors import ModelError
from models.faces import DETECTORS, DetectorName, FaceDetector, open_detector
from models.nms import iou
from tests.models.detectors.photographs import Photograph, photographs, tally
from tests.models.places import data

EVERY = pytest.mark.parametrize("name", DETECTORS)
KNOWN = {
    "centerface": (0.93, 0.74),
    "yunet-n": (0.88, 0.84),
    "yunet-s": (0.84, 0.89),
    "ulfg": (0.82, 0.91),
    "blazeface": (0.64, 0.95),
}
"""Recall and precision on the pictures here, seen at 640 pixels, less about two faces of 56."""
RUNTIMES_OF = {name: RUNTIMES["tflite" if name == "blazeface" else "onnx"] for name in DETECTORS}
Image = NDArray[np.uint8]


class Opened(Protocol):
    """Gives a detector with its usual threshold at 640 pixels; each is opened once."""

    def __call__(self, name: DetectorName, runtime: str = "auto") -> FaceDetector: ...


def opening(name: DetectorName, weights: Path, runtime: str = "auto") -> FaceDetector:
    return open_detector(name, weights, DETECTORS[name].threshold, 640, 1, runtime)


@pytest.fixture(scope="module")
def weights(centerface_weights: Path) -> Callable[[str], Path]:
    rows = catalogue()
    return lambda name: (
        centerface_weights if name == "centerface" else data(f"models/{rows[name].file}")
    )


@pytest.fixture(scope="module")
def opened(weights: Callable[[str], Path]) -> Opened:
    return cache(lambda name, runtime="auto": opening(name, weights(name), runtime))


@pytest.fixture(scope="module")
def pictures() -> list[Photograph]:
    """Twenty of the annotated photographs, those with the largest crowds left out."""
    return [one for one in photographs(data("faces"), every=5) if len(one.faces) <= 20]


@EVERY
def test_the_catalogue_names_the_very_file(
    name: DetectorName, weights: Callable[[str], Path]
) -> None:
    content, row = weights(name).read_bytes(), catalogue()[name]
    assert (hashlib.sha256(content).hexdigest(), len(content)) == (row.sha256, row.size)
    assert row.task == "faces"


@EVERY
def test_it_finds_as_many_faces_as_it_is_known_to(
    name: DetectorName, opened: Opened, pictures: list[Photograph]
) -> None:
    result = tally(opened(name), pictures)
    recall, precision = KNOWN[name]
    assert result.faces > 50
    assert result.recall >= recall
    assert result.precision >= precision


@pytest.mark.parametrize(
    ("name", "side"), [("yunet-n", 512), ("yunet-s", 640), ("centerface", 640)]
)
def test_auto_knows_what_is_found_in_all_the_photographs(
    name: DetectorName, side: int, weights: Callable[[str], Path]
) -> None:
    """On any runtime, so bfloat16 may find a few of the 984 faces more or less."""
    detector = open_small_sooner(name, weights(name), DETECTORS[name].threshold, side)
    found = tally(detector, photographs(data("faces"))).recall
    detector.close()
    assert found == pytest.approx(RECALLS[name][side], abs=0.006)


@EVERY
@pytest.mark.parametrize("part", [1.0, 0.5])
def test_small_faces_count_sooner_by_the_same_share_of_every_threshold(
    name: DetectorName, part: float, weights: Callable[[str], Path], pictures: list[Photograph]
) -> None:
    usual = DETECTORS[name]
    detector = open_small_sooner(name, weights(name), part * usual.threshold, 640)
    scores = [box.score for picture in pictures for box in detector.detect(picture.pixels)]
    detector.close()
    assert part * usual.small <= min(scores) < 1.2 * part * usual.small


@pytest.mark.parametrize(
    ("name", "runtime"), [(name, one) for name, all_of in RUNTIMES_OF.items() for one in all_of]
)
def test_every_runtime_finds_the_same_faces_and_is_named(
    name: DetectorName, runtime: str, opened: Opened, pictures: list[Photograph]
) -> None:
    detector, reference = opened(name, runtime), opened(name, RUNTIMES_OF[name][-1])
    assert (detector.id.name, detector.id.backend.split()[0]) == (name, runtime)
    rough = any("bfloat16" in one.id.backend for one in (detector, reference))
    agree(detector, reference, pictures[::3], *((0.5, 0.06) if rough else (0.98, 0.002)))


@EVERY
def test_a_detector_of_many_pictures_finds_the_faces_that_one_of_few_finds(
    name: DetectorName,
    opened: Opened,
    weights: Callable[[str], Path],
    pictures: list[Photograph],
) -> None:
    """Of their sizes more than its network is compiled for, each by itself."""
    many = open_detector(name, weights(name), DETECTORS[name].threshold, 640, 1, lanes=2)
    rough = "bfloat16" in many.id.backend
    agree(many, opened(name), pictures[1::3], *((0.8, 0.02) if rough else (0.98, 0.002)))
    many.close()


def agree(
    detector: FaceDetector,
    reference: FaceDetector,
    pictures: list[Photograph],
    min_iou: float,
    max_gap: float,
) -> None:
    """Each sees what the other does, but for what barely counts as a face."""
    for picture in pictures:
        found, wanted = detector.detect(picture.pixels), reference.detect(picture.pixels)
        for some, others in ((found, wanted), (wanted, found)):
            sure = [box for box in some if box.score >= reference.threshold + max_gap]
            assert all(holds(others, box, min_iou, max_gap) for box in sure)


def corners(boxes: list[Box]) -> NDArray[np.float64]:
    return np.array([(box.x1, box.y1, box.x2, box.y2) for box in boxes], float).reshape(-1, 4)


def holds(boxes: list[Box], wanted: Box, min_iou: float, max_gap: float) -> bool:
    """Whether one of them lies where the wanted one does, with its score."""
    there = iou(corners([wanted])[0], corners(boxes)) >= min_iou
    near = [abs(box.score - wanted.score) <= max_gap for box in boxes]
    return bool((there & np.array(near, bool)).any())


@EVERY
@pytest.mark.parametrize("size", [(512, 512), (641, 479), (251, 333), (1283, 721)])
def test_the_box_lies_on_the_face_whatever_the_size_of_the_picture(
    name: DetectorName, size: tuple[int, int], opened: Opened, astronaut: Image
) -> None:
    pixels = np.asarray(cv2.resize(astronaut, size, interpolation=cv2.INTER_AREA), np.uint8)
    best = opened(name).detect(pixels)[0]
    across, down = size[0] / 512, size[1] / 512
    face = np.array([180 * across, 66 * down, 270 * across, 178 * down])
    assert iou(face, corners([best]))[0] > 0.55


@EVERY
def test_pictures_of_any_size_are_looked_at(name: DetectorName, opened: Opened) -> None:
    for height, width in [(1, 1), (1, 900), (900, 1), (33, 31), (4320, 7680), (64, 64)]:
        assert opened(name).detect(np.full((height, width, 3), 90, np.uint8)) == []


@EVERY
def test_a_picture_without_faces_has_none(name: DetectorName, opened: Opened) -> None:
    cat = cv2.imread(str(data("images/cat.bmp")))
    assert cat is not None
    assert opened(name).detect(np.asarray(cat, np.uint8)) == []


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("centerface", "yunet-n"),
        ("yunet-n", "centerface"),
        ("yunet-s", "ulfg"),
        ("ulfg", "yunet-s"),
        ("ulfg", "blazeface"),
        ("blazeface", "yunet-n"),
    ],
)
def test_weights_of_another_detector_are_refused_when_they_are_opened(
    name: DetectorName, other: str, weights: Callable[[str], Path]
) -> None:
    with pytest.raises(ModelError):
        opening(name, weights(other))


def test_a_classifier_is_no_face_detector() -> None:
    with pytest.raises(ModelError, match=r"cannot be used as BlazeFace .*model pull blazeface"):
        opening("blazeface", data("models/mobilenet_v2_1.0_224_quant.tflite"), "litert")


@EVERY
def test_weights_that_are_not_there_are_told_with_how_to_get_them(
    name: DetectorName, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=f"vision-app model pull {name}"):
        open_detector(name, tmp_path / "absent", 0.3, 640)


@EVERY
def test_weights_of_which_a_third_is_spoilt_are_refused(
    name: DetectorName, weights: Callable[[str], Path], tmp_path: Path
) -> None:
    """Runtimes may turn numbers that are none into 0 on the way, and answer with usual ones."""
    content = bytearray(weights(name).read_bytes())
    third = len(content) // 12
    content[third * 4 : third * 8] = b"\x7e\x7e\xc0\x7f" * third
    path = tmp_path / weights(name).name
    path.write_bytes(content)
    with pytest.raises(ModelError):
        opening(name, path)
