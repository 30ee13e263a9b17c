import cv2
import numpy as np
import pytest

from masking.masked_frame import MaskedFrame
from tests.uploader.samples import frame, masked, redacted, with_a_face
from uploader.encode import contact_sheet, jpeg
from uploader.errors import NotMasked


def segments(data: bytes) -> set[int]:
    """The markers of a JPEG before its first scan."""
    found, at = set(), 2
    while data[at] == 0xFF and data[at + 1] != 0xDA:
        found.add(data[at + 1])
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return found


def test_a_masked_frame_becomes_a_jpeg_that_looks_like_it() -> None:
    shown = with_a_face()
    seen = cv2.imdecode(np.frombuffer(jpeg(shown, 95), np.uint8), cv2.IMREAD_COLOR)
    assert seen is not None
    assert seen.shape == shown.pixels.shape
    assert float(np.abs(seen.astype(int) - shown.pixels).mean()) < 12


def test_a_jpeg_says_nothing_but_its_pixels() -> None:
    data = jpeg(masked(), 90)
    exif_or_other_application = set(range(0xE1, 0xF0))
    comment = 0xFE
    assert not segments(data) & (exif_or_other_application | {comment})


@pytest.mark.parametrize("offered", [frame(), frame().pixels, None, b"\xff\xd8", "masked"])
def test_only_a_masked_frame_is_encoded(offered: object) -> None:
    with pytest.raises(NotMasked, match="only a MaskedFrame"):
        jpeg(offered, 90)  # type: ignore[arg-type]


def test_a_likeness_of_a_masked_frame_is_refused() -> None:
    class Likeness(MaskedFrame):
        pass

    likeness = object.__new__(Likeness)
    with pytest.raises(NotMasked, match="not a Likeness"):
        jpeg(likeness, 90)


def test_a_redacted_frame_is_refused() -> None:
    with pytest.raises(NotMasked, match="shows nothing"):
        jpeg(redacted(), 90)


def sheet_of(tiles: list[tuple[bytes, str]]) -> np.ndarray:
    data = contact_sheet(tiles)
    assert data.startswith(b"\x89PNG")
    seen = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert seen is not None
    return seen


def test_a_contact_sheet_shows_four_across_and_no_more_than_twenty() -> None:
    stored = jpeg(masked(), 90)
    one, four, five, twenty, thirty = (
        sheet_of([(stored, "ripe 0.51\nlow_confidence")] * n).shape for n in (1, 4, 5, 20, 30)
    )
    assert four[1] == five[1] == twenty[1] > 3 * one[1]
    assert four[0] == one[0] < five[0] < twenty[0]
    assert twenty == thirty


def test_a_contact_sheet_shows_each_picture_and_writes_below_it() -> None:
    stored = jpeg(masked(), 95)
    bare, written = sheet_of([(stored, "")]), sheet_of([(stored, "ripe\nmasked")])
    assert np.array_equal(bare[:190], written[:190])
    assert written.min() < 100
    assert not np.array_equal(bare[195:], written[195:])


def test_a_contact_sheet_survives_what_is_no_picture_and_odd_captions() -> None:
    tiles = [
        (b"", "empty"),
        (b"not a picture", "tömato 熟" * 30),
        (jpeg(masked(), 80), "a\nb\nc\nd"),
    ]
    assert sheet_of(tiles).shape[1] == sheet_of([(b"", "")] * 3).shape[1]
    assert sheet_of([]).size > 0
