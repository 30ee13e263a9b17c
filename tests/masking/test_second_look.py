"""What the second look covers, what the judge has covered, and what is withheld."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pytest

from masking.errors import Withheld
from masking.fill import LEVEL
from masking.masked_frame import MaskedFrame
from masking.masker import Masker
from masking.second_look import SecondLook
from masking.settings import MaskingSettings
from models.box import Box
from models.errors import ModelError
from tests.masking.stand_ins import FACE, Detector, Image, finds, frame

SETTINGS = MaskingSettings(timeout_s=0.05, second_look_side=640)
MISSED = Box(50, 30, 60, 42, 0.4)
"""Seen by one alone, it counts: a stand-in's threshold is 0.2."""
ANOTHER = Box(5, 45, 15, 57, 0.4)
BLIND = finds()


def masked_frame(*faces: Box, exempt: str | None = None) -> MaskedFrame:
    masker = Masker(finds(*faces), SETTINGS, exempt)
    try:
        return masker.mask_alone(frame())
    finally:
        masker.close()


@contextmanager
def looking(
    again: Detector = BLIND, second: Detector | None = BLIND, judge: Detector = BLIND
) -> Iterator[SecondLook]:
    looks = SecondLook(again, second, judge, SETTINGS)
    try:
        yield looks
    finally:
        looks.close()


def answers(*each: Sequence[Box]) -> Detector:
    """One that finds these, picture by picture, and fails beyond."""
    left = iter(each)
    return Detector(lambda image: list(next(left)))


def covered(pixels: Image, y1: int, y2: int, x1: int, x2: int) -> bool:
    return bool((pixels[y1:y2, x1:x2] == LEVEL).all())


def test_a_frame_in_which_nothing_more_is_found_keeps_its_pixels() -> None:
    masked = masked_frame(FACE)
    with looking() as looks:
        looked = looks.look(masked)
    assert np.shares_memory(looked.pixels, masked.pixels)
    assert looked.receipt.faces == (FACE,)
    assert (looked.camera, looked.seq) == (masked.camera, masked.seq)


@pytest.mark.parametrize("who", ["again", "second"])
def test_a_face_that_the_first_look_missed_is_covered_whoever_finds_it(who: str) -> None:
    masked = masked_frame(FACE)
    again, second = (finds(MISSED), BLIND) if who == "again" else (BLIND, finds(MISSED))
    with looking(again, second) as looks:
        looked = looks.look(masked)
    whole = np.zeros((60, 80), bool)
    whole[26:46, 47:63] = True  # MISSED grown to 1.6 times: 16x19.2
    assert (looked.pixels[whole] == LEVEL).all()
    assert (looked.pixels[~whole] == masked.pixels[~whole]).all()
    assert not (masked.pixels[whole] == LEVEL).all(), "the frame that was looked at is untouched"
    assert (looked.receipt.faces[0], looked.faces) == (FACE, 2)


def test_the_receipt_tells_who_looked_and_who_was_the_first_to_find_what() -> None:
    with looking(finds(MISSED), finds(MISSED, ANOTHER)) as looks:
        receipt = looks.look(masked_frame(FACE)).receipt
    assert [(one.role, one.found) for one in receipt.looks] == [
        ("live", 1), ("again", 1), ("second", 1)
    ]  # fmt: skip
    assert {(one.threshold, one.side) for one in receipt.looks} == {(0.2, 640)}


def test_one_detector_alone_looks_again_where_there_is_no_other() -> None:
    with looking(finds(MISSED), None) as looks:
        receipt = looks.look(masked_frame()).receipt
    assert [one.role for one in receipt.looks] == ["live", "again"]
    assert len(receipt.faces) == 1


def test_both_are_shown_the_masked_picture_never_the_raw_one() -> None:
    seen: list[Image] = []

    def detect(image: Image) -> list[Box]:
        seen.append(image.copy())
        return []

    masked = masked_frame(FACE)
    with looking(Detector(detect), Detector(detect)) as looks:
        looks.look(masked)
    assert len(seen) == 2
    assert all((image == masked.pixels).all() for image in seen)


def test_the_pixels_stay_read_only() -> None:
    for again in (BLIND, finds(MISSED)):
        with looking(again, judge=finds(ANOTHER)) as looks:
            looked = looks.look(masked_frame())
            judged = looks.vouch(looked, looked.pixels)
        for pixels in (looked.pixels, judged.pixels):
            with pytest.raises(ValueError, match="WRITEABLE"):
                pixels.flags.writeable = True


def test_the_judge_lets_pass_in_what_it_finds_nothing() -> None:
    masked = masked_frame(FACE)
    with looking() as looks:
        judged = looks.vouch(masked, masked.pixels)
    assert np.shares_memory(judged.pixels, masked.pixels)
    assert [(one.role, one.found) for one in judged.receipt.looks] == [("live", 1), ("judge", 0)]


def test_the_judge_is_shown_what_would_be_stored_not_the_frame() -> None:
    seen: list[Image] = []

    def detect(image: Image) -> list[Box]:
        seen.append(image)
        return []

    stored = np.full((60, 80, 3), 7, np.uint8)
    with looking(judge=Detector(detect)) as looks:
        looks.vouch(masked_frame(), stored)
    assert [image is stored for image in seen] == [True]


def test_what_the_judge_finds_first_is_covered_and_judged_again() -> None:
    masked = masked_frame(FACE)
    with looking(judge=answers([MISSED], [])) as looks:
        once = looks.vouch(masked, masked.pixels)
        twice = looks.vouch(once, once.pixels)
    assert covered(once.pixels, 26, 46, 47, 63)
    assert once.receipt.faces == (FACE, MISSED)
    assert np.shares_memory(twice.pixels, once.pixels)
    found = [one.found for one in twice.receipt.looks if one.role == "judge"]
    assert found == [1, 0]


def test_a_face_that_shows_for_the_second_time_withholds_the_frame() -> None:
    with looking(judge=finds(MISSED)) as looks:
        once = looks.vouch(masked_frame(), np.zeros((60, 80, 3), np.uint8))
        with pytest.raises(Withheld, match="a face shows even after it was covered twice"):
            looks.vouch(once, once.pixels)


def broken(image: Image) -> list[Box]:
    raise ModelError("the network is gone")


def hangs(image: Image) -> list[Box]:
    threading.Event().wait(0.5)
    return []


def nonsense(image: Image) -> list[Box]:
    return [Box(0, 0, float("inf"), 1, 0.5)]


def a_bug(image: Image) -> list[Box]:
    raise ZeroDivisionError


FAILURES = [broken, hangs, nonsense, a_bug]


@pytest.mark.parametrize("detect", FAILURES)
@pytest.mark.parametrize("who", ["again", "second"])
def test_a_detector_that_fails_withholds_the_frame(
    detect: Callable[[Image], list[Box]], who: str
) -> None:
    failing = Detector(detect)
    again, second = (failing, BLIND) if who == "again" else (BLIND, failing)
    with (
        looking(again, second) as looks,
        pytest.raises(Withheld, match="the second look failed: "),
    ):
        looks.look(masked_frame(FACE))


@pytest.mark.parametrize("detect", FAILURES)
def test_a_judge_that_fails_withholds_the_frame(detect: Callable[[Image], list[Box]]) -> None:
    masked = masked_frame(FACE)
    with (
        looking(judge=Detector(detect)) as looks,
        pytest.raises(Withheld, match="the judge failed: "),
    ):
        looks.vouch(masked, masked.pixels)


def test_a_redacted_frame_is_withheld() -> None:
    redacted = Masker(None, SETTINGS).mask_alone(frame())
    with looking() as looks, pytest.raises(Withheld, match="redacted whole, nothing to see"):
        looks.look(redacted)


def test_a_frame_of_an_exempt_camera_passes_untouched_and_unseen() -> None:
    masked = masked_frame(exempt="a bench with seedlings only")
    with looking(Detector(broken), Detector(broken), Detector(broken)) as looks:
        assert looks.look(masked) is masked
        assert looks.vouch(masked, masked.pixels) is masked


def test_a_larger_picture_is_given_more_time_in_proportion() -> None:
    """At twice the side the network has four times the work; it must not be cut off for that."""

    def slow(image: Image) -> list[Box]:
        threading.Event().wait(0.3)
        return []

    large = Detector(slow)
    large.side = 1280
    looks = SecondLook(large, None, large, MaskingSettings(timeout_s=0.2))
    masked = masked_frame()
    assert looks.look(masked).faces == 0
    assert looks.vouch(masked, masked.pixels).faces == 0
    looks.close()


def test_closing_twice_does_no_harm_and_nobody_looks_afterwards() -> None:
    with looking() as looks:
        looks.close()
        looks.close()
        with pytest.raises(Withheld, match="closed"):
            looks.look(masked_frame())
