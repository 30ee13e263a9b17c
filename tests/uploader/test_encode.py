import cv2
import numpy as np
import pytest

from masking.masked_frame import MaskedFrame
from tests.pictures import BARE, parts
from tests.uploader.samples import frame, masked, redacted, with_a_face
from uploader.encode import PictureFormat, contact_sheet, decoded, jpeg, picture
from uploader.errors import NotEncoded, NotMasked

FORMATS: list[PictureFormat] = ["jpeg", "png", "webp", "bmp", "tiff"]


def test_a_masked_frame_becomes_a_jpeg_that_looks_like_it() -> None:
    shown = with_a_face()
    seen = cv2.imdecode(np.frombuffer(jpeg(shown, 95), np.uint8), cv2.IMREAD_COLOR)
    assert seen is not None
    assert seen.shape == shown.pixels.shape
    assert float(np.abs(seen.astype(int) - shown.pixels).mean()) < 12


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


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_shows_the_frame_and_holds_nothing_else(form: PictureFormat) -> None:
    shown = with_a_face()
    data = picture(shown, form, 95)
    assert parts(data) <= BARE[form]
    seen = decoded(data)
    assert seen is not None
    error = np.abs(seen.astype(int) - shown.pixels)
    assert error.mean() < 12
    if form not in ("jpeg", "webp"):
        assert error.max() == 0


@pytest.mark.parametrize(("form", "heeds"), [(form, form in ("jpeg", "webp")) for form in FORMATS])
def test_quality_is_heeded_where_a_format_has_one(form: PictureFormat, heeds: bool) -> None:
    shown = masked()
    poor, good = picture(shown, form, 0), picture(shown, form, 100)
    assert (len(poor) < len(good)) == heeds


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("offered", [frame(), frame().pixels, redacted()])
def test_no_format_takes_anything_but_a_masked_frame_that_shows_something(
    form: PictureFormat, offered: object
) -> None:
    with pytest.raises(NotMasked):
        picture(offered, form, 90)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["jpeg", "webp"])
def test_a_picture_that_a_format_cannot_hold_is_refused_in_a_sentence(form: PictureFormat) -> None:
    long = masked(size=(6, 66_000))
    with pytest.raises(NotEncoded, match="a picture of 66000x6 cannot be written as"):
        picture(long, form, 90)


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
