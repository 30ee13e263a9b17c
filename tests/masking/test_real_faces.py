"""The masker with the real CenterFace: what is kept shows no face to whoever looks for one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from masking.errors import Withheld
from masking.masked_frame import MaskedFrame
from masking.masker import Masker
from masking.second_look import SecondLook
from masking.settings import MaskingSettings
from models.detectors.centerface import CenterFace
from models.detectors.detector import Detector
from tests.masking.stand_ins import frame
from uploader.encode import jpeg

Image = NDArray[np.uint8]
FACES = Path(__file__).parents[2].parent / "shared" / "data" / "faces"
SETTINGS = MaskingSettings(timeout_s=60)


@pytest.fixture(scope="module")
def reader(centerface_weights: Path) -> Detector:
    """Somebody who looks for faces in what was stored, at its full size."""
    return CenterFace(centerface_weights, 0.2, 4096)


@pytest.fixture(scope="module")
def masker(centerface_weights: Path) -> Iterator[Masker]:
    masker = Masker(CenterFace(centerface_weights, 0.2, 640), SETTINGS)
    yield masker
    masker.close()


@pytest.fixture(scope="module")
def second(centerface_weights: Path) -> Iterator[SecondLook]:
    again, judge = (CenterFace(centerface_weights, score, 1280) for score in (0.1, 0.15))
    second = SecondLook(again, None, judge, SETTINGS)
    yield second
    second.close()


def stored(masked: MaskedFrame) -> Image:
    """The picture as a reader of the bucket decodes it."""
    picture = cv2.imdecode(np.frombuffer(jpeg(masked, 90), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return np.asarray(picture, np.uint8)


@pytest.mark.parametrize("size", [(512, 512), (640, 480), (1280, 720), (333, 217), (1920, 1080)])
def test_the_portrait_shows_a_face_before_and_none_after(
    astronaut: Image, size: tuple[int, int], masker: Masker, second: SecondLook, reader: Detector
) -> None:
    pixels = np.asarray(cv2.resize(astronaut, size), np.uint8)
    [face] = [box for box in reader.detect(pixels) if box.score > 0.5]

    kept = second.look(masker.mask_alone(frame(pixels)))
    assert kept.faces >= 1
    assert reader.detect(stored(kept)) == []

    x1, y1, x2, y2 = face.pixels(*size)
    assert len(np.unique(kept.pixels[y1:y2, x1:x2])) == 1, "one colour where the face was"


def test_a_face_too_small_for_the_first_look_is_caught_by_the_second(
    astronaut: Image, centerface_weights: Path, second: SecondLook, reader: Detector
) -> None:
    scene = np.full((720, 1280, 3), 60, np.uint8)
    scene[400:600, 900:1100] = cv2.resize(astronaut, (200, 200), interpolation=cv2.INTER_AREA)
    assert reader.detect(scene)

    coarse = Masker(CenterFace(centerface_weights, 0.2, 128), SETTINGS)
    first = coarse.mask_alone(frame(scene))
    coarse.close()
    assert first.faces == 0
    kept = second.look(first)
    assert (kept.faces, kept.receipt.looks[-1].found) == (1, 1)
    assert reader.detect(stored(kept)) == []


def photograph(path: Path) -> tuple[Image, float]:
    """The picture at the size of a 720p camera, and the factor by which it was shrunk."""
    picture = cv2.imread(str(path))
    assert picture is not None
    scale = min(1.0, 1280 / max(picture.shape))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), scale


def photographs() -> list[dict[str, Any]]:
    """Every tenth annotated photograph."""
    if not FACES.exists():
        return []
    listed: list[dict[str, Any]] = json.loads((FACES / "annotations.json").read_text())["images"]
    return [row for row in listed if row["faces"]][::10]


@pytest.mark.skipif(not FACES.exists(), reason=f"needs the photographs in {FACES}")
def test_most_faces_of_photographs_are_covered_or_withheld(
    masker: Masker, second: SecondLook, reader: Detector
) -> None:
    """Sanity, no benchmark: nothing is rated here, but a broken decoder would be seen."""
    seen = shown = found_again = 0
    for row in photographs():
        pixels, scale = photograph(FACES / row["file"])
        try:
            kept = second.look(masker.mask_alone(frame(pixels)))
            second.vouch(kept, stored(kept))
        except Withheld:
            continue
        found_again += bool(reader.detect(stored(kept)))
        for face in row["faces"]:
            x1, y1, x2, y2 = (int(v * scale) for v in face["box"])
            if face["ignore"] or min(x2 - x1, y2 - y1) < 20:
                continue
            seen += 1
            same = (kept.pixels[y1:y2, x1:x2] == pixels[y1:y2, x1:x2]).all(axis=2)
            shown += bool(same.mean() > 0.25)
    assert seen > 20
    assert shown / seen < 0.05
    assert found_again == 0
