"""What a judge sees is what is kept, byte for byte."""

import numpy as np
import pytest

from masking.errors import Withheld
from masking.masked_frame import MaskedFrame
from tests.uploader.samples import masked, with_a_face
from uploader.encode import Pixels, decoded, jpeg
from uploader.errors import NotEncoded
from uploader.vouched import vouched


def encode(frame: MaskedFrame) -> bytes:
    return jpeg(frame, 90)


def test_a_frame_in_which_nothing_shows_is_encoded_once() -> None:
    encoded: list[bytes] = []
    shown: list[Pixels] = []

    def once(frame: MaskedFrame) -> bytes:
        encoded.append(encode(frame))
        return encoded[-1]

    def judge(frame: MaskedFrame, stored: Pixels) -> MaskedFrame:
        shown.append(stored)
        return frame

    frame = masked()
    kept, body = vouched(frame, once, judge)
    assert kept is frame
    assert [body] == encoded
    seen = decoded(body)
    assert seen is not None
    assert np.array_equal(shown[0], seen)


def test_a_frame_in_which_a_face_showed_is_encoded_and_judged_anew() -> None:
    bare, covered = masked(), with_a_face()
    assert covered.faces > bare.faces
    judged: list[MaskedFrame] = []

    def judge(frame: MaskedFrame, stored: Pixels) -> MaskedFrame:
        judged.append(frame)
        return covered

    kept, body = vouched(bare, encode, judge)
    assert judged == [bare, covered]
    assert kept is covered
    assert body == encode(covered)


def test_what_the_judge_withholds_gives_no_bytes() -> None:
    def judge(frame: MaskedFrame, stored: Pixels) -> MaskedFrame:
        raise Withheld("a face shows")

    with pytest.raises(Withheld):
        vouched(masked(), encode, judge)


def test_bytes_that_are_no_picture_are_not_kept() -> None:
    with pytest.raises(NotEncoded, match="encoded wrongly"):
        vouched(masked(), lambda frame: b"\xff\xd8no", lambda frame, stored: frame)
