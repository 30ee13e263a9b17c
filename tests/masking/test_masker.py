"""What the masker hands on: faces covered, or nothing of the picture at all."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

import numpy as np
import pytest

from masking.fill import LEVEL
from masking.masked_frame import Look, MaskedFrame
from masking.masker import Masker
from masking.settings import MaskingSettings
from models.box import Box
from models.errors import ModelError
from tests.masking.stand_ins import FACE, ID, Detector, Image, finds, frame

SETTINGS = MaskingSettings(timeout_s=0.05)
EXEMPT = "a bench with seedlings, nobody walks there"


def shows_nothing(masked: MaskedFrame) -> bool:
    return masked.redacted and bool((masked.pixels == LEVEL).all())


def test_a_face_is_covered_and_the_rest_is_as_it_was() -> None:
    raw = frame()
    masker = Masker(finds(FACE), SETTINGS)
    masked = masker.mask_alone(raw)
    masker.close()

    covered = np.zeros((60, 80), bool)
    covered[2:42, 14:46] = True  # FACE, 20x24 at (20, 10), grown to 1.6 times: 32x38.4
    assert (masked.pixels[covered] == LEVEL).all()
    assert (masked.pixels[~covered] == raw.pixels[~covered]).all()


def test_the_receipt_says_who_looked_and_what_was_found() -> None:
    raw = frame(seq=41)
    masker = Masker(finds(FACE), SETTINGS)
    masked = masker.mask_alone(raw)
    masker.close()

    receipt = masked.receipt
    assert (receipt.treatment, receipt.faces, receipt.reason) == ("masked", (FACE,), "")
    assert receipt.looks == (Look("live", ID, threshold=0.2, side=640, found=1),)
    assert (receipt.fill, receipt.grow, receipt.carried) == ("solid", 1.6, 0)
    assert (masked.camera, masked.seq) == ("bench", 41)
    assert (masked.captured_at, masked.captured_s) == (raw.captured_at, raw.captured_s)


def test_a_frame_without_faces_is_masked_and_unchanged() -> None:
    raw = frame()
    masker = Masker(finds(), SETTINGS)
    masked = masker.mask_alone(raw)
    masker.close()
    assert masked.receipt.treatment == "masked"
    assert (masked.pixels == raw.pixels).all()


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 999, 3), (333, 1, 3), (719, 1281, 3)])
def test_frames_of_any_shape_are_masked_or_redacted(shape: tuple[int, int, int]) -> None:
    raw = frame(np.zeros(shape, np.uint8))
    masker = Masker(finds(Box(-5, -5, 2, 2, 0.5)), SETTINGS)
    masked = masker.mask_alone(raw)
    assert masked.pixels.shape == shape
    assert (masked.pixels[0, 0] == LEVEL).all()
    masker.close()
    assert shows_nothing(masker.mask_alone(raw))


def test_a_strided_buffer_of_a_camera_becomes_a_plain_array() -> None:
    pixels = np.zeros((20, 40, 3), np.uint8)[:, ::-2]
    masker = Masker(finds(), SETTINGS)
    masked = masker.mask_alone(frame(pixels))
    masker.close()
    assert masked.pixels.flags.c_contiguous
    assert type(masked.pixels) is np.ndarray


def raises(error: Exception) -> Callable[[Image], list[Box]]:
    def detect(image: Image) -> NoReturn:
        raise error

    return detect


def hangs(image: Image) -> list[Box]:
    threading.Event().wait(0.5)
    return []


def nan(image: Image) -> list[Box]:
    return [Box(float("nan"), 0, 1, 1, 0.5)]


def nothing_at_all(image: Image) -> list[Box]:
    return None  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("detect", "why"),
    [
        (raises(ModelError("the network is gone")), "the network is gone"),
        (raises(RuntimeError("secret")), "the face detector failed with RuntimeError"),
        (raises(MemoryError()), "the face detector failed with MemoryError"),
        (hangs, "the face detector took longer than 0.05 s"),
        (nan, "the face detector failed with ValueError"),
        (nothing_at_all, "the face detector's answer is not a list of up to 5000 boxes"),
    ],
)
def test_a_detector_that_fails_redacts_the_whole_frame(
    detect: Callable[[Image], list[Box]], why: str
) -> None:
    masker = Masker(Detector(detect), SETTINGS)
    masked = masker.mask_alone(frame())
    masker.close()
    assert shows_nothing(masked)
    assert (masked.receipt.reason, masked.receipt.looks, masked.faces) == (why, (), 0)


def test_without_a_detector_the_frame_is_redacted() -> None:
    masked = Masker(None, SETTINGS).mask_alone(frame())
    assert shows_nothing(masked)
    assert masked.receipt.reason == "there is no face detector"
    assert masked.receipt.looks == ()


def test_boxes_beside_the_frame_cover_nothing_and_stand_in_the_receipt() -> None:
    raw = frame()
    beside = Box(-200, -200, -100, -100, 0.5)
    masker = Masker(finds(beside), SETTINGS)
    masked = masker.mask_alone(raw)
    masker.close()
    assert (masked.pixels == raw.pixels).all()
    assert masked.receipt.faces == (beside,)


def test_failures_in_a_row_are_counted_and_forgotten_after_a_success() -> None:
    broken = True

    def detect(image: Image) -> list[Box]:
        if broken:
            raise ModelError("broken")
        return []

    masker = Masker(Detector(detect), SETTINGS)
    for row in (1, 2, 3):
        masker.mask_alone(frame())
        assert masker.failures == row
    broken = False
    assert not masker.mask_alone(frame()).redacted
    assert masker.failures == 0
    masker.close()


def test_a_detector_may_arrive_later_and_go_again() -> None:
    masker = Masker(None, SETTINGS)
    assert masker.mask_alone(frame()).redacted
    detector = finds(FACE)
    masker.detector = detector
    assert masker.detector is detector
    assert not masker.mask_alone(frame()).redacted
    masker.close()
    masker.close()
    assert masker.mask_alone(frame()).redacted


def test_a_detector_that_goes_takes_its_thread_along() -> None:
    before = set(threading.enumerate())
    masker = Masker(finds(), SETTINGS)
    masker.detector = finds()
    masker.close()
    assert not [t for t in set(threading.enumerate()) - before if t.is_alive()]


def test_a_new_detector_replaces_one_that_hangs() -> None:
    release = threading.Event()

    def stuck(image: Image) -> list[Box]:
        release.wait(30)
        return []

    masker = Masker(Detector(stuck), SETTINGS)
    assert masker.mask_alone(frame()).redacted
    masker.detector = finds(FACE)
    assert masker.mask_alone(frame()).faces == 1
    masker.close()
    release.set()


def test_a_frame_over_which_the_detector_is_replaced_is_shown_to_the_new_one() -> None:
    new = finds(FACE)

    def replaced(image: Image) -> list[Box]:
        threading.Thread(target=lambda: setattr(masker, "detector", new)).start()
        while masker.detector is not new:
            pass
        raise ModelError("it is closed")

    masker = Masker(Detector(replaced), MaskingSettings(timeout_s=30))
    masked = masker.mask_alone(frame())
    masker.close()
    assert masked.receipt.faces == (FACE,)


def test_a_camera_that_is_exempt_shows_all_and_says_why() -> None:
    raw = frame()
    masker = Masker(Detector(raises(AssertionError("it was asked"))), SETTINGS, EXEMPT)
    masked = masker.mask_alone(raw)
    masker.close()
    assert (masked.pixels == raw.pixels).all()
    assert (masked.receipt.treatment, masked.receipt.reason) == ("exempt", EXEMPT)
    assert masker.failures == 0


@pytest.mark.parametrize("reason", ["", "  "])
def test_an_exemption_needs_a_reason(reason: str) -> None:
    with pytest.raises(ValueError, match="written reason"):
        Masker(None, SETTINGS, reason)


def test_settings_have_no_way_to_switch_masking_off() -> None:
    wide = MaskingSettings.model_validate({"threshold": 0.5, "grow": 1.0})
    masker = Masker(finds(replace(FACE, score=0.0)), wide)
    assert (masker.mask_alone(frame()).pixels[10:34, 20:40] == LEVEL).all()
    masker.close()
