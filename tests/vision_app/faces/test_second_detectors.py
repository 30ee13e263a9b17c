"""Who looks before a picture is kept: with the real weights, as far as a shelf holds them."""

import pytest

from masking.partners import judges, seconds
from masking.settings import MaskingSettings
from models.errors import PullError
from models.faces import DETECTORS, DetectorName
from models.settings import CatalogueSettings
from tests.vision_app.shelves import Shelf, unheard
from vision_app.faces.second_detectors import SecondDetectors, open_second_detectors
from vision_app.weights import Weights


def opened(first: DetectorName, settings: CatalogueSettings, **masking: object) -> SecondDetectors:
    weights = Weights(settings, say=unheard)
    told = {"second_look_side": 320} | masking
    return open_second_detectors(first, MaskingSettings.model_validate(told), weights)


def names(found: SecondDetectors) -> tuple[str, str | None, str]:
    second = found.second.id.name if found.second else None
    return found.again.id.name, second, found.judge.id.name


def test_where_all_can_be_had_the_best_partners_look(
    shelf: Shelf, settings: CatalogueSettings
) -> None:
    shelf.put(*DETECTORS)
    found = opened("yunet-n", settings)
    second = seconds("yunet-n")[0]
    judge = judges("yunet-n", second)[0]
    assert names(found) == ("yunet-n", second, judge)
    assert (found.lacks, found.passed_over) == ((), ())
    assert found.told == (
        f"kept frames are looked at again by yunet-n and {second} at 320 px, and judged by {judge}"
    )


def test_each_looks_with_the_threshold_of_its_part(
    shelf: Shelf, settings: CatalogueSettings
) -> None:
    shelf.put("yunet-n", "centerface", "blazeface")
    found = opened("yunet-n", settings)
    assert found.second is not None
    assert found.again.threshold == DETECTORS["yunet-n"].cover
    assert found.second.threshold == DETECTORS["centerface"].cover
    assert found.judge.threshold == DETECTORS["blazeface"].judge
    assert (found.again.side, found.second.side, found.judge.side) == (320, 320, 192)


def test_one_that_cannot_be_had_is_replaced_by_the_next_and_that_is_told(
    shelf: Shelf, settings: CatalogueSettings
) -> None:
    shelf.put("yunet-n", "centerface", "blazeface")
    found = opened("yunet-n", settings)
    assert names(found) == ("yunet-n", "centerface", "blazeface")
    assert found.lacks == ()
    assert set(found.passed_over) == {
        "yunet-s is not here (vision-app model pull yunet-s)",
        "ulfg is not here (vision-app model pull ulfg)",
    }


def test_without_a_partner_the_first_looks_alone_and_that_is_a_lack(
    shelf: Shelf, settings: CatalogueSettings
) -> None:
    shelf.put("centerface", "blazeface")
    found = opened("centerface", settings)
    assert names(found) == ("centerface", None, "blazeface")
    assert found.lacks == (
        "only centerface looks again, no detector that goes with it is here "
        "(vision-app model pull faces)",
    )
    assert found.told.startswith("kept frames are looked at again by centerface at 320 px")


def test_there_is_always_a_judge_if_only_the_accused_itself(
    shelf: Shelf, settings: CatalogueSettings
) -> None:
    shelf.put("centerface")
    found = opened("centerface", settings)
    assert names(found) == ("centerface", None, "centerface")
    assert found.judge.threshold == DETECTORS["centerface"].judge
    assert found.lacks[1] == (
        "centerface judges itself, no other detector is here (vision-app model pull faces)"
    )


def test_a_partner_does_not_judge_what_it_covered(
    shelf: Shelf, settings: CatalogueSettings
) -> None:
    shelf.put("yunet-n", "centerface")
    found = opened("yunet-n", settings)
    assert names(found) == ("yunet-n", "centerface", "yunet-n")
    assert found.lacks == (
        "yunet-n judges itself, no other detector is here (vision-app model pull faces)",
    )


def test_those_that_are_named_are_taken(shelf: Shelf, settings: CatalogueSettings) -> None:
    shelf.put("yunet-n", "yunet-s", "centerface", "blazeface")
    found = opened("yunet-n", settings, second_detector="yunet-s", judge="centerface")
    assert names(found) == ("yunet-n", "yunet-s", "centerface")


@pytest.mark.parametrize("part", ["second_detector", "judge"])
def test_one_that_is_named_and_cannot_be_had_is_replaced_by_none(
    shelf: Shelf, settings: CatalogueSettings, part: str
) -> None:
    shelf.put("yunet-n", "centerface", "blazeface")
    with pytest.raises(PullError, match=r"ulfg_RFB_640\.onnx could not be fetched"):
        opened("yunet-n", settings, **{part: "ulfg"})
