"""Which detector looks at every frame: with the real weights, as far as a shelf holds them."""

import pytest

from masking.settings import MaskingSettings
from models.detectors.budget import RECALLS
from models.detectors.drawn_faces import drawn_faces
from models.errors import ModelError
from models.settings import CatalogueSettings
from tests.vision_app.shelves import Shelf, unheard
from vision_app.faces.live_detector import Live, open_live
from vision_app.weights import Weights

PLENTY_MS, NOTHING_MS = 10_000, 0.001


def found(settings: CatalogueSettings, said: list[str] | None = None, **masking: object) -> Live:
    """What is taken; said: gets what is fetched."""
    heard = [] if said is None else said
    weights = Weights(settings, heard.append)
    live, opened = open_live(MaskingSettings.model_validate(masking), weights)
    opened.close()
    return live


def test_where_time_is_plenty_the_best_looks_at_every_frame(
    shelf: Shelf, settings: CatalogueSettings
) -> None:
    shelf.put("yunet-n", "centerface")
    live = found(settings, budget_ms=PLENTY_MS)
    assert (live.detector, live.side, live.every, live.finds) == ("yunet-n", 1280, 1, 96)
    assert (live.threshold, live.passed_over) == (0.5, ())
    opened = live.open()
    told = live.told(opened, PLENTY_MS)
    assert told.startswith(f"yunet-n at 1280 px on {opened.id.backend}: ")
    assert told.endswith(" of 10000 ms a frame; it finds 96 of 100 faces (docs/privacy.md)")
    opened.close()


def test_a_machine_that_is_too_slow_takes_the_smallest_and_says_so(
    shelf: Shelf, settings: CatalogueSettings
) -> None:
    shelf.put("yunet-n")
    live = found(settings, budget_ms=NOTHING_MS)
    assert (live.side, live.every, live.finds) == (min(RECALLS["yunet-n"]), 3, 88)
    opened = live.open()
    assert "px on " in live.told(opened, NOTHING_MS)
    assert ", at every 3rd frame: " in live.told(opened, NOTHING_MS)
    assert " ms a frame, over the budget of 0.001 ms; " in live.told(opened, NOTHING_MS)
    opened.close()


@pytest.mark.parametrize("budget_ms", [NOTHING_MS, PLENTY_MS])
def test_the_first_network_looks_as_was_chosen_and_works(
    shelf: Shelf, settings: CatalogueSettings, budget_ms: float
) -> None:
    shelf.put("yunet-n")
    masking = MaskingSettings(budget_ms=budget_ms, threshold=0.3)
    live, opened = open_live(masking, Weights(settings, unheard))
    assert (opened.side, opened.threshold) == (live.side, 0.3)
    assert opened.detect(drawn_faces())
    opened.close()


def test_without_look_ahead_it_looks_at_every_frame_however_slow(
    shelf: Shelf, settings: CatalogueSettings
) -> None:
    shelf.put("yunet-n")
    assert found(settings, budget_ms=NOTHING_MS, look_ahead=0).every == 1


def test_what_auto_is_told_it_keeps(shelf: Shelf, settings: CatalogueSettings) -> None:
    shelf.put("yunet-n")
    live = found(settings, budget_ms=PLENTY_MS, max_side=600, detect_every=2, threshold=0.45)
    assert (live.side, live.every, live.threshold) == (600, 2, 0.45)
    assert live.finds == 89, "at a lower threshold it finds no less than was measured"


@pytest.mark.parametrize("detector", ["auto", "centerface"])
def test_at_a_higher_threshold_than_was_measured_nobody_knows_what_is_found(
    detector: str, shelf: Shelf, settings: CatalogueSettings
) -> None:
    shelf.put("centerface")
    live = found(settings, detector=detector, max_side=640, detect_every=1, threshold=0.2)
    assert live.finds == 92
    live = found(settings, detector=detector, max_side=640, detect_every=1, threshold=0.25)
    assert live.finds is None


def test_a_detector_that_is_named_is_taken_as_it_is_named(
    shelf: Shelf, settings: CatalogueSettings
) -> None:
    shelf.put("yunet-n", "blazeface")
    live = found(settings, detector="blazeface", budget_ms=NOTHING_MS)
    assert (live.detector, live.every, live.cost_ms) == ("blazeface", 1, None)
    opened = live.open()
    assert live.told(opened, 12) == (
        f"blazeface at 192 px on {opened.id.backend}, as the configuration says"
    )
    opened.close()
    live = found(settings, detector="yunet-n", max_side=900, detect_every=2, threshold=0.2)
    assert (live.side, live.every, live.threshold, live.finds) == (900, 2, 0.2, 95)
    assert found(settings, detector="yunet-n").side == 640


def test_a_detector_that_is_named_and_cannot_be_had_is_replaced_by_none(
    shelf: Shelf, settings: CatalogueSettings
) -> None:
    shelf.put("centerface")
    with pytest.raises(ModelError, match=r"yunet_n_dynamic\.onnx could not be fetched"):
        found(settings, detector="yunet-n")


@pytest.mark.parametrize("damaged", [False, True])
def test_the_next_one_is_taken_where_the_best_cannot_be_had_and_that_is_told(
    shelf: Shelf, settings: CatalogueSettings, damaged: bool
) -> None:
    shelf.put("centerface")
    if damaged:
        shelf.spoil("yunet-n")
    live = found(settings, max_side=320)
    assert live.detector == "centerface"
    assert live.passed_over == (
        "yunet-n is not here (vision-app model pull yunet-n)",
        "yunet-s is not here (vision-app model pull yunet-s)",
    )


def test_what_is_here_begins_and_nothing_is_fetched(
    shelf: Shelf, cache: Shelf, settings: CatalogueSettings
) -> None:
    shelf.put("yunet-n")
    cache.put("centerface")
    said: list[str] = []
    live = found(settings, said, max_side=320)
    assert (live.detector, said) == ("centerface", [])
    assert live.passed_over[0] == "yunet-n is not here (vision-app model pull yunet-n)"


def test_a_source_is_asked_once_for_what_it_does_not_have(
    shelf: Shelf, settings: CatalogueSettings
) -> None:
    said: list[str] = []
    weights = Weights(settings, said.append)
    for _ in range(2):
        with pytest.raises(ModelError):
            weights.get("yunet-n")
    assert len(said) == len(set(said)) == 2, "the mirror and the address, once each"


def test_the_blind_ones_are_no_replacement(
    shelf: Shelf, cache: Shelf, settings: CatalogueSettings
) -> None:
    cache.put("ulfg", "blazeface")
    with pytest.raises(ModelError) as caught:
        found(settings)
    assert str(caught.value) == (
        "none of yunet-n, yunet-s, centerface is here or can be fetched: "
        "vision-app model pull faces says why"
    )
