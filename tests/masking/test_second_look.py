"""What the second look covers, and what it withholds."""

import threading
from collections.abc import Callable, Iterator

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

SETTINGS = MaskingSettings(timeout_s=0.05)
MISSED = Box(50, 30, 60, 42, 0.3)


def masked_frame(*faces: Box, exempt: str | None = None) -> MaskedFrame:
    masker = Masker(finds(*faces), SETTINGS, exempt)
    try:
        return masker.mask_alone(frame())
    finally:
        masker.close()


def looker(
    detect: Callable[[Image], list[Box]], settings: MaskingSettings = SETTINGS
) -> SecondLook:
    """One whose every look asks this."""
    return SecondLook(Detector(detect), None, Detector(detect), settings)


def look(masked: MaskedFrame, *answers: list[Box]) -> MaskedFrame:
    """A second look whose detector gives these answers, one after the other."""
    left: Iterator[list[Box]] = iter(answers)
    second = looker(lambda image: next(left))
    try:
        return second.look(masked)
    finally:
        second.close()
        assert not list(left), "it looked less often than expected"


def test_a_frame_in_which_nothing_more_is_found_is_kept_as_it_is() -> None:
    masked = masked_frame(FACE)
    looked = look(masked, [])
    assert (looked.pixels == masked.pixels).all()
    assert looked.receipt.looks[-1].found == 0
    assert looked.receipt.faces == (FACE,)
    assert (looked.camera, looked.seq) == (masked.camera, masked.seq)


def test_a_face_that_the_first_look_missed_is_covered_and_counted() -> None:
    masked = masked_frame(FACE)
    looked = look(masked, [MISSED])
    covered = np.zeros((60, 80), bool)
    covered[26:46, 47:63] = True  # MISSED grown to 1.6 times: 16x19.2
    assert (looked.pixels[covered] == LEVEL).all()
    assert (looked.pixels[~covered] == masked.pixels[~covered]).all()
    assert looked.receipt.faces == (FACE, MISSED)
    assert looked.receipt.looks[-1].found == 1
    assert not (masked.pixels[covered] == LEVEL).all(), "the frame that was looked at is untouched"


def test_the_pixels_stay_read_only() -> None:
    for looked in (look(masked_frame(), []), look(masked_frame(), [MISSED])):
        with pytest.raises(ValueError, match="WRITEABLE"):
            looked.pixels.flags.writeable = True


def test_a_frame_that_had_no_face_counts_as_masked_after_the_second_look_found_one() -> None:
    assert look(masked_frame(), [MISSED]).faces == 1


def vouch(masked: MaskedFrame, *answers: list[Box]) -> MaskedFrame:
    """Judged as often as there are answers, as it would be stored each time."""
    left = iter(answers)
    second = looker(lambda image: next(left))
    try:
        for _ in answers:
            masked = second.vouch(masked, masked.pixels)
        return masked
    finally:
        second.close()


def test_a_face_that_shows_in_what_would_be_stored_is_covered_once_and_then_withheld() -> None:
    covered = vouch(masked_frame(), [MISSED])
    assert (covered.faces, covered.receipt.looks[-1].role) == (1, "judge")
    assert vouch(masked_frame(), [MISSED], []).receipt.looks[-1].found == 0
    with pytest.raises(Withheld, match="after it was covered twice"):
        vouch(masked_frame(), [MISSED], [FACE])


def test_nobody_vouches_when_the_detector_fails() -> None:
    second = looker(broken)
    with pytest.raises(Withheld, match="the second look failed"):
        second.vouch(masked_frame(), masked_frame().pixels)
    second.close()


def test_the_detector_is_shown_the_masked_picture_never_the_raw_one() -> None:
    seen: list[Image] = []

    def detect(image: Image) -> list[Box]:
        seen.append(image.copy())
        return [MISSED]

    masked = masked_frame(FACE)
    second = looker(detect)
    second.look(masked)
    second.close()
    assert len(seen) == 1
    assert (seen[0] == masked.pixels).all()


def broken(image: Image) -> list[Box]:
    raise ModelError("the network is gone")


def hangs(image: Image) -> list[Box]:
    threading.Event().wait(0.5)
    return []


def nonsense(image: Image) -> list[Box]:
    return [Box(0, 0, float("inf"), 1, 0.5)]


@pytest.mark.parametrize("detect", [broken, hangs, nonsense])
def test_a_detector_that_fails_withholds_the_frame(detect: Callable[[Image], list[Box]]) -> None:
    second = looker(detect)
    with pytest.raises(Withheld, match="the second look failed: "):
        second.look(masked_frame(FACE))
    second.close()


def test_a_redacted_frame_is_withheld() -> None:
    with pytest.raises(Withheld, match="redacted whole, nothing to see: there is no face detector"):
        look(Masker(None, SETTINGS).mask_alone(frame()))


def test_a_frame_of_an_exempt_camera_passes_untouched() -> None:
    masked = masked_frame(exempt="a bench with seedlings only")
    assert look(masked) is masked
    assert masked.receipt.looks == ()


def test_a_detector_that_looks_at_more_is_given_more_time_in_proportion() -> None:
    """At twice the side the network has four times the work; it must not be cut off for that."""

    def slow(image: Image) -> list[Box]:
        threading.Event().wait(0.3)
        return []

    closer = Detector(slow)
    closer.side = 1280
    second = SecondLook(closer, None, finds(), MaskingSettings(timeout_s=0.2))
    assert second.look(masked_frame()).receipt.looks[-1].side == 1280
    second.close()
