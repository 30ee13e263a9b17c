"""Walls 1, 2, 5 and 7: what a MaskedFrame is, who makes one, and that it stays as it was made."""

import copy
import dataclasses
import pickle
from collections.abc import Callable

import numpy as np
import pytest

from devices.frame import Frame
from masking.masked_frame import SEAL, MaskedFrame, Receipt, Seal
from masking.masker import Masker
from masking.settings import MaskingSettings
from tests.masking.stand_ins import FACE, finds, frame


def masked_frame() -> MaskedFrame:
    masker = Masker(finds(FACE), MaskingSettings())
    try:
        return masker.mask_alone(frame())
    finally:
        masker.close()


def test_raw_and_masked_frames_share_no_base() -> None:
    assert set(Frame.__mro__) & set(MaskedFrame.__mro__) == {object}


def test_a_seal_of_ones_own_making_is_refused() -> None:
    raw = frame()
    raw.pixels.flags.writeable = False
    receipt = Receipt("masked", (), (), "solid", 1.6)
    with pytest.raises(TypeError, match="only the masker"):
        MaskedFrame(Seal(), raw.pixels, "bench", 1, raw.captured_at, 0.0, receipt)


def test_the_seal_cannot_be_borrowed_from_a_masked_frame() -> None:
    masked = masked_frame()
    names = set(dir(masked)) - {"__weakref__"}  # a slot of Python 3.10 that cannot be read
    assert not [name for name in names if isinstance(getattr(masked, name, None), Seal)]
    with pytest.raises((TypeError, ValueError), match="seal"):
        dataclasses.replace(masked, pixels=frame().pixels)  # type: ignore[call-arg]


@pytest.mark.parametrize("made_again", [copy.copy, copy.deepcopy, pickle.dumps])
@pytest.mark.parametrize("one", [frame, masked_frame])
def test_neither_frame_is_copied_or_pickled(
    one: Callable[[], object], made_again: Callable[[object], object]
) -> None:
    with pytest.raises(TypeError, match=r"copied|pickled"):
        made_again(one())


def test_no_repr_shows_pixels() -> None:
    plain = np.full((4, 5, 3), 213, np.uint8)
    assert repr(frame(plain)) == "Frame(bench #7, 5x4)"
    assert "213" not in repr(masked_frame())
    assert "array" not in repr(masked_frame())


def test_masked_pixels_cannot_be_written_nor_made_writeable() -> None:
    pixels = masked_frame().pixels
    with pytest.raises(ValueError, match="read-only"):
        pixels[0, 0] = 1
    with pytest.raises(ValueError, match="WRITEABLE"):
        pixels.flags.writeable = True
    with pytest.raises(ValueError, match="WRITEABLE"):
        pixels.setflags(write=True)
    assert not isinstance(pixels.base, np.ndarray)


def test_writeable_pixels_are_refused_even_with_the_seal() -> None:
    raw = frame()
    with pytest.raises(ValueError, match="read-only"):
        MaskedFrame(
            SEAL, raw.pixels, "b", 1, raw.captured_at, 0.0, Receipt("masked", (), (), "solid", 1.6)
        )


def test_masked_pixels_share_no_memory_with_the_raw_frame() -> None:
    raw = frame()
    for masker in (
        Masker(finds(), MaskingSettings()),
        Masker(None, MaskingSettings()),
        Masker(None, MaskingSettings(), exempt="a bench with seedlings only"),
    ):
        masked = masker.mask_alone(raw)
        masker.close()
        assert not np.shares_memory(masked.pixels, raw.pixels)
        before = masked.pixels.tobytes()
        raw.pixels[:] = 255 - raw.pixels
        assert masked.pixels.tobytes() == before
