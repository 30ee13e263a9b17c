import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from masking.fill import fill
from models.box import Box
from uploader.audit.covers import uncovered
from uploader.audit.jpeg_parts import jpeg_parts

Pixels = NDArray[np.uint8]
GROW = 1.6
FACE = Box(20, 12, 44, 40, 0.9)


def picture(height: int, width: int, seed: int = 0) -> Pixels:
    """Coarse noise: every part of it is far from flat, as a face is."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (height // 4 + 1, width // 4 + 1, 3), np.uint8)
    return np.kron(coarse, np.ones((4, 4, 1), np.uint8))[:height, :width].copy()


def stored(pixels: Pixels, quality: int = 90) -> bytes:
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def bare(body: bytes, *faces: Box) -> tuple[tuple[int, int, int, int], ...]:
    return uncovered(body, jpeg_parts(body), faces, GROW)


@given(
    height=st.integers(1, 90),
    width=st.integers(1, 90),
    quality=st.integers(50, 100),
    corners=st.lists(st.tuples(st.floats(-40, 90), st.floats(-40, 90)), min_size=1, max_size=4),
    size=st.floats(0.5, 60),
    seed=st.integers(0, 9),
)
def test_a_cover_is_seen_whatever_the_picture_the_box_and_the_quality(
    height: int,
    width: int,
    quality: int,
    corners: list[tuple[float, float]],
    size: float,
    seed: int,
) -> None:
    pixels = picture(height, width, seed)
    faces = [Box(x, y, x + size, y + size * 1.3, 0.5) for x, y in corners]
    fill(pixels, (face.grown(GROW) for face in faces))
    assert bare(stored(pixels, quality), *faces) == ()


@pytest.mark.parametrize("quality", [50, 75, 90, 100])
@pytest.mark.parametrize("size", [6, 12, 24, 60])
@pytest.mark.parametrize("corner", [(0, 0), (31, 17), (64, 48), (90, 80)])
def test_a_face_that_nothing_covers_is_found(
    quality: int, size: int, corner: tuple[int, int]
) -> None:
    x, y = corner
    face = Box(x, y, x + size, y + size, 0.9)
    expected = face.grown(GROW).pixels(100, 90)
    assert bare(stored(picture(90, 100), quality), face) == (expected,)


def test_only_the_face_that_is_bare_is_named() -> None:
    pixels = picture(96, 128)
    there, gone = FACE, Box(80, 50, 104, 80, 0.8)
    fill(pixels, [there.grown(GROW)])
    assert bare(stored(pixels), there, gone) == (gone.grown(GROW).pixels(128, 96),)


def test_a_cover_of_the_face_alone_is_too_small() -> None:
    pixels = picture(96, 128)
    fill(pixels, [FACE])
    assert len(bare(stored(pixels), FACE)) == 1


def test_a_cover_of_another_colour_is_none() -> None:
    pixels = picture(96, 128)
    x1, y1, x2, y2 = FACE.grown(GROW).pixels(128, 96)
    pixels[y1:y2, x1:x2] = 200
    assert len(bare(stored(pixels), FACE)) == 1


def test_what_shines_through_a_cover_faintly_is_found() -> None:
    pixels = picture(96, 128)
    x1, y1, x2, y2 = FACE.grown(GROW).pixels(128, 96)
    faint = pixels[y1:y2, x1:x2].astype(np.float64) * 0.1 + 230 * 0.9
    pixels[y1:y2, x1:x2] = faint.astype(np.uint8)
    assert len(bare(stored(pixels), FACE)) == 1


def test_what_shines_through_where_the_picture_ends_within_a_block_is_found() -> None:
    pixels = picture(96, 132)
    face = Box(104, 30, 128, 56, 0.9)
    fill(pixels, [face.grown(GROW)])
    pixels[32:40, 128:] = 238
    assert len(bare(stored(pixels), face)) == 1


def test_a_file_of_lower_quality_than_the_device_writes_earns_no_tolerance() -> None:
    """With steps coarse enough, rounding alone could explain any face at the edge of a cover."""
    small = Box(33.5, 33.5, 37, 37, 0.9)
    assert len(bare(stored(picture(64, 64), 5), small)) == 1


def test_a_box_outside_the_picture_covers_nothing_and_is_fine() -> None:
    assert bare(stored(picture(48, 64)), Box(300, 300, 320, 320, 0.9)) == ()


def test_a_damaged_picture_is_an_error() -> None:
    body = stored(picture(96, 128))
    parts = jpeg_parts(body)
    with pytest.raises(ValueError, match=r"."):
        uncovered(body[:700] + body[-2:], parts, [FACE], GROW)
