"""Who looks at photographs here: the best that can be had, and always somebody else as judge."""

from contextlib import closing

import pytest

from devices.frame import Frame
from masking.settings import MaskingSettings
from models.errors import ModelError
from models.settings import CatalogueSettings
from tests.masking.stand_ins import frame
from tests.vision_app.shelves import Shelf, unheard
from uploader.encode import jpeg
from vision_app.mask.opening import Opening
from vision_app.weights import Weights

SMALL = MaskingSettings(second_look_side=128)


def opening(
    catalogue: CatalogueSettings,
    said: list[str],
    settings: MaskingSettings = SMALL,
    once: bool = False,
    lanes: int = 0,
) -> Opening:
    return Opening(settings, Weights(catalogue, unheard), 1, said.append, once, lanes)


def who_looked(at: Frame, opening: Opening) -> list[tuple[str, str]]:
    with closing(opening()) as looks:
        masked, _ = looks.through(at, lambda masked: jpeg(masked, 90))
    return [(look.role, look.detector.name) for look in masked.receipt.looks]


def test_three_different_detectors_look_where_three_can_be_had(
    cache: Shelf, settings: CatalogueSettings
) -> None:
    cache.put("yunet-n", "yunet-s", "centerface")
    said: list[str] = []
    assert who_looked(frame(), opening(settings, said)) == [
        ("live", "yunet-n"),
        ("second", "centerface"),
        ("judge", "yunet-s"),
    ]
    assert said == []


def test_who_is_asked_for_one_look_gets_one_at_the_size_that_is_named(
    cache: Shelf, settings: CatalogueSettings
) -> None:
    cache.put("yunet-n", "yunet-s", "centerface")
    said: list[str] = []
    sized = SMALL.model_copy(update={"max_side": 192})
    for wanted, side in ((SMALL, 128), (sized, 192)):
        with closing(opening(settings, said, wanted, once=True)()) as looks:
            masked, _ = looks.through(frame(), lambda masked: jpeg(masked, 90))
        (look,) = masked.receipt.looks
        assert (look.role, look.detector.name, look.side) == ("live", "yunet-n", side)
    assert said == []


def test_all_who_are_asked_for_one_look_share_one_network(
    cache: Shelf, settings: CatalogueSettings
) -> None:
    cache.put("yunet-n")
    opened = opening(settings, [], once=True, lanes=2)
    assert settings.cache is not None
    with closing(opened()) as one:
        for weights in settings.cache.iterdir():
            weights.unlink()
        with closing(opened()) as other:
            for looks in (one, other):
                masked, _ = looks.through(frame(), lambda masked: jpeg(masked, 90))
                assert not masked.redacted


def test_one_alone_does_it_all_and_that_is_said_once(
    cache: Shelf, settings: CatalogueSettings
) -> None:
    cache.put("centerface")
    said: list[str] = []
    opened = opening(settings, said)
    assert who_looked(frame(), opened) == [("live", "centerface"), ("judge", "centerface")]
    told = "\n".join(said)
    assert "yunet-n is not here (vision-app model pull yunet-n)" in said
    assert "only centerface looks again" in told
    assert "centerface judges itself" in told
    count = len(said)
    assert who_looked(frame(), opened)
    assert len(said) == count == len(set(said))


def test_a_detector_that_is_named_looks_first_or_nobody_does(
    cache: Shelf, settings: CatalogueSettings
) -> None:
    cache.put("centerface")
    said: list[str] = []
    named = SMALL.model_copy(update={"detector": "centerface"})
    assert who_looked(frame(), opening(settings, said, named))[0] == ("live", "centerface")
    absent = SMALL.model_copy(update={"detector": "ulfg"})
    with pytest.raises(ModelError, match="ulfg"):
        opening(settings, said, absent)()


def test_where_no_detector_can_be_had_each_is_named_with_what_to_do(
    settings: CatalogueSettings,
) -> None:
    with pytest.raises(ModelError) as error:
        opening(settings, [])()
    for name in ("yunet-n", "yunet-s", "centerface"):
        assert f"vision-app model pull {name}" in str(error.value)
