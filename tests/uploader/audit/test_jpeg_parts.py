import cv2
import numpy as np
import pytest

from uploader.audit.jpeg_parts import jpeg_parts

PIXELS = np.random.default_rng(0).integers(0, 256, (48, 65, 3), np.uint8)
PLAIN = cv2.imencode(".jpg", PIXELS, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()


def with_segment(marker: int, content: bytes) -> bytes:
    header = bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big")
    return PLAIN[:2] + header + content + PLAIN[2:]


def test_what_the_device_writes_has_a_size_steps_and_nothing_more() -> None:
    parts = jpeg_parts(PLAIN)
    assert (parts.width, parts.height, parts.extras) == (65, 48, ())
    assert (len(parts.steps), parts.steps[0]) == (64, 3)


def test_a_coarser_picture_has_larger_steps() -> None:
    coarse = cv2.imencode(".jpg", PIXELS, [cv2.IMWRITE_JPEG_QUALITY, 50])[1].tobytes()
    assert jpeg_parts(coarse).steps[0] == 16


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (with_segment(0xE1, b"Exif\0\0" + PLAIN), "metadata (APP1)"),
        (with_segment(0xED, b"Photoshop 3.0\0"), "metadata (APP13)"),
        (with_segment(0xFE, b"who is this"), "a comment"),
        (with_segment(0xE0, b"JFXX\0\x10" + PLAIN), "metadata (APP0)"),
        (with_segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\1\1rgb"), "metadata (APP0)"),
        (with_segment(0xF0, b"what"), "a part of another kind (marker F0)"),
        (PLAIN + b"a face", "6 bytes behind the picture"),
        (PLAIN + PLAIN, f"{len(PLAIN)} bytes behind the picture"),
        (PLAIN[:-2] + b"\xff\xe1\0\4ab\xff\xd9", "a second part of the picture"),
        (cv2.imencode(".jpg", PIXELS[..., 0])[1].tobytes(), "other colours than the device writes"),
    ],
)
def test_whatever_a_file_carries_beside_its_picture_is_named(body: bytes, named: str) -> None:
    assert jpeg_parts(body).extras == (named,)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x89PNG\r\n",
        PLAIN[:2],
        PLAIN[:200],
        PLAIN[:-2],
        PLAIN[2:],
        cv2.imencode(".jpg", PIXELS, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes(),
    ],
)
def test_what_is_no_whole_jpeg_of_the_device_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="JPEG"):
        jpeg_parts(body)
