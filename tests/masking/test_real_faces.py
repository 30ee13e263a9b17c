"""Masking with the real detectors: what is kept shows no face to others who look for one."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from masking import partners
from masking.errors import Withheld
from masking.judge import Judge
from masking.masked_frame import MaskedFrame
from masking.masker import Masker
from masking.photograph import PhotographMasker
from masking.second_look import SecondLook
from masking.settings import MaskingSettings
from models.catalogue.pull import cached
from models.detectors.closer import Closer
from models.detectors.small_sooner import open_small_sooner
from models.faces import DETECTORS, DetectorName, FaceDetector, open_detector
from tests.masking.stand_ins import finds, frame
from uploader.encode import decoded, jpeg
from uploader.vouched import vouched
from vision_app.config import data_folder

Image = NDArray[np.uint8]
Open = Callable[[DetectorName, float, int], FaceDetector]
Keep = Callable[[Image], MaskedFrame]
FACES = Path(__file__).parents[2].parent / "shared" / "data" / "faces"
SETTINGS = MaskingSettings(timeout_s=60)
FIRST: DetectorName = "yunet-n"
SECOND = partners.seconds(FIRST)[0]
JUDGE = partners.judges(FIRST, SECOND)[0]
SIDE = SETTINGS.second_look_side


def weights(name: DetectorName) -> Path:
    path = cached(name, data_folder() / "models")
    assert path is not None
    return path


@pytest.fixture(scope="module")
def opened(face_detectors: None) -> Open:
    """Opens real detectors, each once."""
    return cache(lambda name, threshold, side: open_detector(name, weights(name), threshold, side))


@pytest.fixture(scope="module")
def judge(opened: Open) -> FaceDetector:
    return opened(JUDGE, DETECTORS[JUDGE].judge, SIDE)


@pytest.fixture(scope="module")
def reader(opened: Open) -> FaceDetector:
    """Somebody who had no part in the masking, and looks for faces in what was stored."""
    return opened("ulfg", DETECTORS["ulfg"].threshold, SIDE)


@pytest.fixture(scope="module")
def second(opened: Open, judge: FaceDetector) -> Iterator[SecondLook]:
    again, other = (opened(name, DETECTORS[name].cover, SIDE) for name in (FIRST, SECOND))
    with closing(SecondLook(again, other, judge, SETTINGS)) as look:
        yield look


@pytest.fixture(scope="module")
def kept(face_detectors: None, second: SecondLook) -> Iterator[Keep]:
    """Masks as a camera's frame that is kept; the judge lets it pass or Withheld is raised."""
    live = open_small_sooner(FIRST, weights(FIRST), DETECTORS[FIRST].threshold, 640)
    with closing(live), closing(Masker(live, SETTINGS)) as masker:
        yield lambda pixels: judged(second.look(masker.mask_alone(frame(pixels))), second)


@pytest.fixture(scope="module")
def photographed(opened: Open, judge: FaceDetector) -> Iterator[Keep]:
    """Masks as a photograph; the judge lets it pass or Withheld is raised."""
    first, other = (Closer(opened(name, DETECTORS[name].cover, SIDE)) for name in (FIRST, SECOND))
    with (
        closing(PhotographMasker(first, other, SETTINGS)) as masker,
        closing(Judge(judge, SETTINGS)) as last,
    ):
        yield lambda pixels: judged(masker.mask_alone(frame(pixels)), last)


def judged(masked: MaskedFrame, judge: SecondLook | Judge) -> MaskedFrame:
    return vouched(masked, lambda one: jpeg(one, 90), judge.vouch)[0]


def stored(masked: MaskedFrame) -> Image:
    """The picture as a reader of the bucket decodes it."""
    picture = decoded(jpeg(masked, 90))
    assert picture is not None
    return picture


def seen_at(x: float, y: float, reader: FaceDetector, masked: MaskedFrame) -> bool:
    """Whether one who reads what was stored finds a face there."""
    found = reader.detect(stored(masked))
    return any(box.x1 < x < box.x2 and box.y1 < y < box.y2 for box in found)


@pytest.mark.parametrize("size", [(640, 480), (1280, 720), (333, 217), (1920, 1080)])
@pytest.mark.parametrize("way", ["kept", "photographed"])
def test_the_portrait_shows_a_face_before_and_none_after(
    astronaut: Image,
    size: tuple[int, int],
    way: str,
    reader: FaceDetector,
    request: pytest.FixtureRequest,
) -> None:
    pixels = np.asarray(cv2.resize(astronaut, size), np.uint8)
    [face] = reader.detect(pixels)

    masked = request.getfixturevalue(way)(pixels)
    assert masked.faces >= 1
    assert not seen_at((face.x1 + face.x2) / 2, (face.y1 + face.y2) / 2, reader, masked)

    x1, y1, x2, y2 = face.pixels(*size)
    assert len(np.unique(masked.pixels[y1:y2, x1:x2])) == 1, "one colour where the face was"


def scene(astronaut: Image, size: int) -> Image:
    """The portrait, so small, in a large grey picture."""
    pixels = np.full((720, 1280, 3), 60, np.uint8)
    portrait = cv2.resize(astronaut, (size, size), interpolation=cv2.INTER_AREA)
    pixels[400 : 400 + size, 900 : 900 + size] = portrait
    return pixels


def test_a_face_too_small_for_the_first_look_is_caught_by_the_second(
    astronaut: Image, opened: Open, second: SecondLook
) -> None:
    with closing(Masker(opened(FIRST, DETECTORS[FIRST].threshold, 128), SETTINGS)) as coarse:
        first = coarse.mask_alone(frame(scene(astronaut, 200)))
    assert first.faces == 0
    looked = second.look(first)
    assert looked.faces == 1
    assert [look.found for look in looked.receipt.looks] == [0, 1, 0]


def test_a_face_that_nobody_else_saw_is_caught_by_the_judge(
    astronaut: Image, judge: FaceDetector, reader: FaceDetector
) -> None:
    with (
        closing(Masker(finds(), SETTINGS)) as masker,
        closing(SecondLook(finds(), finds(), judge, SETTINGS)) as blind,
    ):
        masked = judged(blind.look(masker.mask_alone(frame(astronaut))), blind)
    assert [look.found for look in masked.receipt.looks] == [0, 0, 0, 1, 0]
    assert len(reader.detect(astronaut)) == 1
    assert reader.detect(stored(masked)) == []


def test_a_tiny_face_in_a_photograph_is_found_when_it_is_seen_enlarged(
    astronaut: Image, opened: Open
) -> None:
    usual = opened(FIRST, DETECTORS[FIRST].threshold, SIDE)
    pixels = scene(astronaut, 30)
    assert usual.detect(pixels) == []
    assert len(Closer(usual).detect(pixels)) == 1


def photograph(path: Path) -> tuple[Image, float]:
    """The picture at the size of a 720p camera, and the factor by which it was shrunk."""
    picture = cv2.imread(str(path))
    assert picture is not None
    scale = min(1.0, 1280 / max(picture.shape))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), scale


def photographs() -> list[dict[str, Any]]:
    """Every fifteenth annotated photograph."""
    if not FACES.exists():
        return []
    listed: list[dict[str, Any]] = json.loads((FACES / "annotations.json").read_text())["images"]
    return [row for row in listed if row["faces"]][::15]


@pytest.mark.skipif(not FACES.exists(), reason=f"needs the photographs in {FACES}")
@pytest.mark.parametrize("way", ["kept", "photographed"])
def test_hardly_a_face_of_photographs_stays_bare(
    way: str, reader: FaceDetector, request: pytest.FixtureRequest
) -> None:
    """Sanity, no benchmark: nothing is rated here, but a broken decoder would be seen."""
    keep: Keep = request.getfixturevalue(way)
    seen = bare = found_again = 0
    for row in photographs():
        pixels, scale = photograph(FACES / row["file"])
        try:
            masked = keep(pixels)
        except Withheld:
            continue
        for face in row["faces"]:
            x1, y1, x2, y2 = (int(v * scale) for v in face["box"])
            if face["ignore"] or min(x2 - x1, y2 - y1) < 20:
                continue
            seen += 1
            same = (masked.pixels[y1:y2, x1:x2] == pixels[y1:y2, x1:x2]).all(axis=2)
            bare += bool(same.mean() > 0.25)
            found_again += seen_at((x1 + x2) / 2, (y1 + y2) / 2, reader, masked)
    assert seen > 20
    assert bare / seen < 0.05
    assert found_again == 0
