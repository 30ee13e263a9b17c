"""When frames are masked, and when they may be kept, while weights come and do not come."""

import shutil
from collections.abc import Iterator
from contextlib import closing

import pytest

from masking.errors import LookFailed
from masking.masker import Masker
from masking.settings import MaskingSettings
from models.errors import ModelError
from models.faces import FaceDetector
from models.settings import CatalogueSettings
from tests.masking.stand_ins import frame
from tests.vision_app.shelves import Shelf, unheard
from vision_app.faces.detection import NOT_YET, Detection, Found

AUTO = MaskingSettings(budget_ms=10_000, second_look_side=320)
MASKING = MaskingSettings(budget_ms=10_000, max_side=320, second_look_side=320)


@pytest.fixture
def masker() -> Iterator[Masker]:
    with closing(Masker(None, MASKING)) as one:
        yield one


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def detection(settings: CatalogueSettings, masker: Masker, said: list[str]) -> Iterator[Detection]:
    with closing(Detection(MASKING, settings, [masker], said.append)) as one:
        yield one


class Looked(Masker):
    """Knows who sought its faces, one after another."""

    def __init__(self, settings: MaskingSettings) -> None:
        self.lookers: list[FaceDetector] = []
        super().__init__(None, settings)

    @property
    def detector(self) -> FaceDetector | None:
        return super().detector

    @detector.setter
    def detector(self, detector: FaceDetector | None) -> None:
        self.lookers += [detector] if detector else []
        Masker.detector.__set__(self, detector)  # type: ignore[attr-defined]


def told(said: list[str]) -> list[str]:
    """Without what is fetched."""
    return [sentence for sentence in said if not sentence.startswith("Fetching")]


def test_before_its_first_step_frames_are_redacted(detection: Detection, masker: Masker) -> None:
    assert detection.problem == NOT_YET
    assert masker.mask_alone(frame()).redacted


def test_one_step_opens_everything_and_says_who_looks(
    detection: Detection, masker: Masker, said: list[str], shelf: Shelf
) -> None:
    shelf.put("yunet-n", "centerface", "blazeface")
    assert detection.step() is Found.READY
    assert not masker.mask_alone(frame()).redacted
    assert detection.second_look is not None
    assert (detection.problem, detection.lack) == ("", "")
    first, *passed_over, last = told(said)
    assert first.startswith("face detector yunet-n at 320 px on ")
    assert passed_over == [
        "passed over: yunet-s is not here (vision-app model pull yunet-s)",
        "passed over: ulfg is not here (vision-app model pull ulfg)",
    ]
    assert last.endswith("by yunet-n and centerface at 320 px, and judged by blazeface")


def test_each_camera_has_a_detector_of_its_own(shelf: Shelf, settings: CatalogueSettings) -> None:
    shelf.put("centerface", "blazeface")
    maskers = [Masker(None, MASKING) for _ in range(2)]
    with closing(Detection(MASKING, settings, maskers, unheard)) as detection:
        detection.step()
    assert maskers[0].detector is not None
    assert maskers[0].detector is not maskers[1].detector
    for masker in maskers:
        masker.close()


def test_who_looks_at_kept_frames_only_is_freed_while_there_are_none_and_looks_again(
    shelf: Shelf, settings: CatalogueSettings, masker: Masker
) -> None:
    shelf.put("yunet-n", "centerface", "blazeface")
    with closing(Detection(MASKING, settings, [masker], unheard, rest_s=0.0)) as detection:
        assert detection.step() is Found.READY
        second_look = detection.second_look
        assert second_look is not None
        masked = second_look.look(masker.mask_alone(frame()))
        assert [look.role for look in masked.receipt.looks] == ["live", "again", "second"]
        assert detection.step() is Found.READY
        assert detection.second_look is second_look
        assert settings.cache is not None
        shutil.rmtree(settings.cache)
        with pytest.raises(LookFailed):
            second_look.look(masker.mask_alone(frame()))


def test_a_fresh_network_replaces_the_one_that_was_tried_at_many_sizes_which_is_closed(
    shelf: Shelf, settings: CatalogueSettings
) -> None:
    shelf.put("yunet-n", "centerface", "blazeface")
    with closing(Looked(AUTO)) as masker:
        with closing(Detection(AUTO, settings, [masker], unheard)) as detection:
            assert detection.step() is Found.READY
            tried, fresh = masker.lookers
            assert (fresh.id, fresh.side) == (tried.id, tried.side)
            with pytest.raises(ModelError, match="closed"):
                tried.detect(frame().pixels)
            assert not masker.mask_alone(frame()).redacted
            detection.step()
        assert masker.lookers == [tried, fresh], "once is enough"


def test_what_was_tried_stays_where_no_fresh_one_can_be_had(
    shelf: Shelf, settings: CatalogueSettings
) -> None:
    shelf.put("yunet-n", "centerface", "blazeface")

    def gone(sentence: str) -> None:
        if sentence.startswith("face detector"):
            shutil.rmtree(shelf.folder)
            shutil.rmtree(settings.cache or "")

    with closing(Looked(AUTO)) as masker:
        with closing(Detection(AUTO, settings, [masker], gone)) as detection:
            assert detection.step() is Found.MISSING
            assert not masker.mask_alone(frame()).redacted
        assert len(masker.lookers) == 1


@pytest.mark.parametrize("one_size", [{"detector": "yunet-n"}, {"max_side": 640}])
def test_a_detector_that_was_tried_at_one_size_stays(
    one_size: dict[str, object], shelf: Shelf, settings: CatalogueSettings
) -> None:
    shelf.put("yunet-n", "centerface", "blazeface")
    masking = AUTO.model_copy(update=one_size)
    with closing(Looked(masking)) as masker:
        with closing(Detection(masking, settings, [masker], unheard)) as detection:
            detection.step()
        assert len(masker.lookers) == 1


def test_how_rarely_it_looks_is_handed_on(shelf: Shelf, settings: CatalogueSettings) -> None:
    shelf.put("yunet-n", "centerface", "blazeface")
    slow = MASKING.model_copy(update={"budget_ms": 0.001})
    with closing(Masker(None, slow)) as masker:
        with closing(Detection(slow, settings, [masker], unheard)) as detection:
            detection.step()
        assert masker.every == 3


def test_what_is_missing_is_tried_again_until_it_is_here(
    detection: Detection, masker: Masker, shelf: Shelf
) -> None:
    assert detection.step() is Found.MISSING
    assert detection.problem.startswith("no face detector, so frames are redacted whole: none of")
    assert detection.wait_s > 0
    assert masker.mask_alone(frame()).redacted
    shelf.put("yunet-n", "centerface", "blazeface")
    assert detection.step() is Found.READY
    assert not masker.mask_alone(frame()).redacted


def test_a_partner_that_arrives_joins_and_who_looks_at_every_frame_stays(
    detection: Detection, masker: Masker, said: list[str], shelf: Shelf
) -> None:
    shelf.put("centerface", "blazeface")
    assert detection.step() is Found.MISSING
    live, alone = masker.detector, detection.second_look
    assert alone is not None
    assert detection.lack.startswith("only centerface looks again")
    assert detection.step() is Found.MISSING
    assert detection.second_look is alone, "what has not changed is not opened anew"

    shelf.put("yunet-n")
    assert detection.step() is Found.READY
    assert (detection.problem, detection.lack) == ("", "")
    assert detection.second_look is not alone
    assert masker.detector is live
    assert told(said)[-1].startswith("kept frames are looked at again by centerface and yunet-n")


def test_nothing_is_kept_while_one_that_is_named_is_missing(
    shelf: Shelf, settings: CatalogueSettings, masker: Masker
) -> None:
    shelf.put("centerface", "blazeface")
    strict = MASKING.model_copy(update={"judge": "ulfg"})
    with closing(Detection(strict, settings, [masker], unheard)) as detection:
        assert detection.step() is Found.MISSING
        assert not masker.mask_alone(frame()).redacted
        assert detection.second_look is None
        assert detection.lack.startswith("no second look, so no frame is kept: ulfg_RFB_640.onnx")


def test_where_no_camera_needs_it_nothing_is_fetched(
    shelf: Shelf, settings: CatalogueSettings, said: list[str]
) -> None:
    with closing(Detection(MASKING, settings, [], said.append)) as detection:
        assert detection.step() is Found.READY
    assert said == []
