"""Photographs are looked at by two detectors while they are raw, and redacted when one fails."""

import threading
from collections.abc import Callable

import numpy as np
import pytest

from devices.frame import Frame
from masking.fill import LEVEL
from masking.masked_frame import MaskedFrame
from masking.photograph import PhotographMasker
from masking.settings import MaskingSettings
from models.box import Box
from models.errors import ModelError
from tests.masking.stand_ins import FACE, Detector, Image, finds, frame

SETTINGS = MaskingSettings(timeout_s=0.05)
SURE = Box(50, 30, 60, 42, 0.61)
"""Seen by one alone, it counts: a stand-in's threshold is 0.2."""


def mask(first: Detector, second: Detector | None, raw: Frame | None = None) -> MaskedFrame:
    masker = PhotographMasker(first, second, SETTINGS)
    try:
        return masker.mask_alone(raw or frame())
    finally:
        masker.close()


@pytest.mark.parametrize("who", [(finds(SURE), finds()), (finds(), finds(SURE))])
def test_what_either_is_sure_of_is_covered_and_nothing_else(who: tuple[Detector, Detector]) -> None:
    photograph = frame()
    masked, raw = mask(*who, photograph), photograph.pixels
    whole = np.zeros((60, 80), bool)
    whole[26:46, 47:63] = True  # SURE grown to 1.6 times: 16x19.2
    assert (masked.pixels[whole] == LEVEL).all()
    assert (masked.pixels[~whole] == raw[~whole]).all()
    assert not np.shares_memory(masked.pixels, raw)
    assert (raw == frame().pixels).all(), "the raw picture is untouched"


def test_more_is_asked_of_one_alone_than_where_covers_hide_what_is_around() -> None:
    doubtful = Box(50, 30, 60, 42, 0.59)
    assert mask(finds(doubtful), finds()).faces == 0
    assert mask(finds(doubtful), None).faces == 1, "where no other can confirm it, it counts"


def test_the_receipt_tells_who_looked() -> None:
    receipt = mask(finds(FACE, SURE), finds(FACE)).receipt
    assert [(one.role, one.found) for one in receipt.looks] == [("live", 2), ("second", 0)]
    assert (receipt.treatment, len(receipt.faces)) == ("masked", 2)
    assert (receipt.fill, receipt.grow) == ("solid", 1.6)


def test_both_are_shown_the_raw_picture() -> None:
    seen: list[Image] = []

    def detect(image: Image) -> list[Box]:
        seen.append(image.copy())
        return [FACE]

    mask(Detector(detect), Detector(detect))
    assert [bool((image == frame().pixels).all()) for image in seen] == [True, True]


def broken(image: Image) -> list[Box]:
    raise ModelError("the network is gone")


def hangs(image: Image) -> list[Box]:
    threading.Event().wait(0.5)
    return []


def nonsense(image: Image) -> list[Box]:
    return [Box(0, 0, float("inf"), 1, 0.5)]


@pytest.mark.parametrize("detect", [broken, hangs, nonsense])
@pytest.mark.parametrize("first", [True, False])
def test_a_detector_that_fails_has_it_redacted_whole(
    detect: Callable[[Image], list[Box]], first: bool
) -> None:
    failing = Detector(detect)
    masked = mask(failing, finds(FACE)) if first else mask(finds(FACE), failing)
    assert masked.redacted
    assert (masked.pixels == LEVEL).all()
    assert masked.receipt.reason
    assert masked.receipt.looks == ()
