"""What the tests inside the machine compare by: no damage escapes it, and storing again is none."""

from pathlib import Path

import numpy as np
import pytest
import simplejpeg

from tests.hardware.inside.pictures import Image, footage, is_whole, pictures

WIDTH, HEIGHT = 320, 176


def filmed(folder: Path, image: Image, share: float = 1.0) -> Image:
    """What an indulgent decoder makes of so much of its JPEG."""
    jpeg = footage(folder / "film", [image]).read_bytes()
    part = jpeg[: int(len(jpeg) * share)]
    return np.asarray(simplejpeg.decode_jpeg(part, "BGR", strict=False), np.uint8)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.98])
def test_a_picture_that_was_cut_short_is_not_whole(tmp_path: Path, share: float) -> None:
    originals = pictures(3, WIDTH, HEIGHT)
    assert not is_whole(filmed(tmp_path, originals[0], share), originals)


def test_one_that_was_encoded_twice_is_whole(tmp_path: Path) -> None:
    original, *others = pictures(3, WIDTH, HEIGHT)
    again = filmed(tmp_path, filmed(tmp_path, original))
    assert is_whole(again, [original])
    assert not is_whole(again, others)
