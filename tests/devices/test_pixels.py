import random
import re
from collections.abc import Callable

import cv2
import numpy as np
import pytest
import simplejpeg
from numpy.typing import NDArray

from devices.pixels import DECODERS, Damaged, Layout, decode, decode_file
from devices.v4l2.choice import CODINGS

Pixels = NDArray[np.uint8]

WIDTH, HEIGHT = 64, 48
LAYOUT = Layout(WIDTH, HEIGHT)
RAW = tuple(code for code in DECODERS if code not in ("MJPG", "JPEG"))
MOSAICS = {"BA81": "BGGR", "GBRG": "GBRG", "GRBG": "GRBG", "RGGB": "RGGB"}
GREYS = ("GREY", "Y16 ")
FRACTIONS = (0.0, 0.001, 0.1, 0.5, 0.9, 0.99)


def gradient() -> Pixels:
    """Smooth, so that the halved chroma of most raw formats loses next to nothing."""
    x, y = np.meshgrid(np.linspace(30, 220, WIDTH), np.linspace(30, 220, HEIGHT))
    return np.dstack((x, y, 250 - x)).astype(np.uint8)


def detailed(width: int = 320, height: int = 240) -> Pixels:
    """Full of edges, so that its JPEG has many bytes per block."""
    coarse = np.random.default_rng(3).integers(0, 255, (height // 8, width // 8, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height)), np.uint8)


def jpeg(image: Pixels, *options: int) -> bytes:
    return bytes(cv2.imencode(".jpg", image, options)[1])


def flat(data: bytes) -> Pixels:
    return np.frombuffer(data, np.uint8)


def mosaic(image: Pixels, colours: str) -> Pixels:
    """One colour in each pixel, as a sensor sees them; colours: of the four in a square."""
    seen = np.empty(image.shape[:2], np.uint8)
    for place, colour in enumerate(colours):
        at = np.s_[place // 2 :: 2, place % 2 :: 2]
        seen[at] = image[at][..., "BGR".index(colour)]
    return seen


def lines_of(code: str, image: Pixels) -> list[Pixels]:
    """The planes of a picture in a raw format, each (lines, bytes of a line)."""
    i420 = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420), np.uint8)
    luma = i420[:HEIGHT]
    u, v = (half.reshape(HEIGHT // 2, WIDTH // 2) for half in np.split(i420[HEIGHT:], 2))
    packed = {
        "YUYV": cv2.COLOR_BGR2YUV_YUY2,
        "UYVY": cv2.COLOR_BGR2YUV_UYVY,
        "YVYU": cv2.COLOR_BGR2YUV_YVYU,
        "RGB3": cv2.COLOR_BGR2RGB,
        "GREY": cv2.COLOR_BGR2GRAY,
        "XR24": cv2.COLOR_BGR2BGRA,
        "AR24": cv2.COLOR_BGR2BGRA,
        "RGBP": cv2.COLOR_BGR2BGR565,
    }
    if code in MOSAICS:
        return [mosaic(image, MOSAICS[code])]
    if code == "Y16 ":
        deep = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype("<u2") << 8 | 77
        return [deep.view(np.uint8)]
    if code in packed:
        return [np.asarray(cv2.cvtColor(image, packed[code]), np.uint8).reshape(HEIGHT, -1)]
    return {
        "BGR3": [image.reshape(HEIGHT, -1)],
        "NV12": [luma, np.dstack((u, v)).reshape(HEIGHT // 2, WIDTH)],
        "NV21": [luma, np.dstack((v, u)).reshape(HEIGHT // 2, WIDTH)],
        "YU12": [luma, u, v],
        "YV12": [luma, v, u],
    }[code]


def raw(code: str, image: Pixels, pad: int = 0) -> tuple[Pixels, Layout]:
    """A buffer as a driver fills it, with padding bytes behind each line of the first plane."""
    planes = lines_of(code, image)
    padded = [
        np.pad(p, ((0, 0), (0, pad * p.shape[1] // planes[0].shape[1])), constant_values=99)
        for p in planes
    ]
    buffer = np.concatenate([p.ravel() for p in padded])
    return buffer, Layout(WIDTH, HEIGHT, padded[0].shape[1])


def expected(code: str, image: Pixels) -> Pixels:
    if code not in GREYS:
        return image
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)


@pytest.mark.parametrize("pad", [0, 32])
@pytest.mark.parametrize("code", RAW)
def test_each_raw_format_gives_the_picture_whatever_its_line_padding(code: str, pad: int) -> None:
    buffer, layout = raw(code, gradient(), pad)
    pixels = decode(code, buffer, layout)
    assert pixels.shape == (HEIGHT, WIDTH, 3)
    assert pixels.dtype == np.uint8
    error = np.abs(pixels.astype(int) - expected(code, gradient()))
    assert error.max() <= (8 if CODINGS[code].loss == 1 else 6)


def test_every_format_that_can_be_chosen_can_be_decoded() -> None:
    assert set(CODINGS) == set(DECODERS)


@pytest.mark.parametrize("code", RAW)
def test_a_raw_buffer_that_is_too_short_is_damaged(code: str) -> None:
    buffer, layout = raw(code, gradient())
    with pytest.raises(Damaged):
        decode(code, buffer[:-1], layout)


@pytest.mark.parametrize("code", RAW)
def test_pixels_are_a_copy_that_outlives_the_buffer(code: str) -> None:
    buffer, layout = raw(code, gradient())
    buffer.setflags(write=False)
    pixels = decode(code, buffer, layout)
    assert not np.shares_memory(pixels, buffer)
    assert pixels.flags.writeable


def test_a_size_that_a_format_cannot_have_is_damaged_not_a_crash() -> None:
    with pytest.raises(Damaged, match="cannot convert"):
        decode("NV12", np.zeros(33 * 21 * 3, np.uint8), Layout(33, 21))


def test_a_whole_jpeg_gives_its_picture() -> None:
    image = detailed()
    pixels = decode("MJPG", flat(jpeg(image)), Layout(320, 240))
    assert np.abs(pixels.astype(int) - image).mean() < 3


def test_a_jpeg_of_another_size_than_negotiated_is_damaged() -> None:
    with pytest.raises(Damaged, match="320x240, not 640x480"):
        decode("MJPG", flat(jpeg(detailed())), Layout(640, 480))


@pytest.mark.parametrize("options", [(), (cv2.IMWRITE_JPEG_RST_INTERVAL, 5)])
@pytest.mark.parametrize("fraction", FRACTIONS)
def test_a_cut_jpeg_is_damaged(fraction: float, options: tuple[int, ...]) -> None:
    whole = jpeg(detailed(), *options)
    with pytest.raises(Damaged):
        decode("MJPG", flat(whole[: int(len(whole) * fraction)]), Layout(320, 240))


def test_a_jpeg_without_its_end_marker_is_damaged() -> None:
    with pytest.raises(Damaged, match="Premature end"):
        decode("MJPG", flat(jpeg(detailed())[:-2]), Layout(320, 240))


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff\xd9", b"this is no picture" * 20])
def test_what_is_no_jpeg_is_damaged(data: bytes) -> None:
    with pytest.raises(Damaged, match="no JPEG"):
        decode("MJPG", flat(data), Layout(320, 240))


def test_overwritten_jpegs_are_all_but_always_found_out() -> None:
    dice, whole, refused = random.Random(5), jpeg(detailed()), 0
    for _ in range(200):
        spoilt = bytearray(whole)
        for _ in range(len(whole) // 200):
            spoilt[dice.randrange(20, len(whole))] = dice.randrange(256)
        try:
            decode("MJPG", flat(bytes(spoilt)), Layout(320, 240))
        except Damaged:
            refused += 1
    assert refused >= 185


@pytest.mark.parametrize("leftover", [b"\0" * 500, b"\xff\x00\x12" * 50])
def test_what_lies_behind_the_end_of_a_jpeg_is_no_damage(leftover: bytes) -> None:
    whole = jpeg(detailed())
    padded = decode("MJPG", flat(whole + leftover), Layout(320, 240))
    assert np.array_equal(padded, decode("MJPG", flat(whole), Layout(320, 240)))


def test_a_jpeg_without_huffman_tables_has_the_usual_ones() -> None:
    whole = jpeg(detailed())
    bare = without_segments(whole, 0xC4)
    assert len(bare) < len(whole) - 400
    seen = decode("MJPG", flat(bare), Layout(320, 240))
    assert np.array_equal(seen, decode("MJPG", flat(whole), Layout(320, 240)))


def without_segments(data: bytes, marker: int) -> bytes:
    kept, at = data[:2], 2
    while data[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] != marker:
            kept += data[at:end]
        at = end
    return kept + data[at:]


def with_spare_bytes(count: int) -> bytes:
    """As some webcams send it: bytes that belong to nothing, before a restart marker."""
    whole = jpeg(detailed(), cv2.IMWRITE_JPEG_RST_INTERVAL, 5)
    scan = whole.index(b"\xff\xda")
    marker = re.compile(rb"\xff[\xd0-\xd7]").search(whole, scan)
    assert marker is not None
    return whole[: marker.start()] + b"\x55" * count + whole[marker.start() :]


@pytest.mark.parametrize("count", [3, 16])
def test_a_few_spare_bytes_before_a_marker_are_no_damage(count: int) -> None:
    seen = decode("MJPG", flat(with_spare_bytes(count)), Layout(320, 240))
    assert np.array_equal(seen, decode("MJPG", flat(with_spare_bytes(0)), Layout(320, 240)))


def test_many_spare_bytes_are_damage() -> None:
    with pytest.raises(Damaged, match="extraneous"):
        decode("MJPG", flat(with_spare_bytes(60)), Layout(320, 240))


def test_spare_bytes_do_not_hide_a_cut() -> None:
    with pytest.raises(Damaged):
        decode("MJPG", flat(with_spare_bytes(3)[:-500]), Layout(320, 240))


@pytest.mark.parametrize("ending", [".png", ".bmp", ".jpg", ".webp", ".tiff"])
def test_an_image_file_gives_its_picture(ending: str) -> None:
    image = gradient()
    pixels = decode_file(bytes(cv2.imencode(ending, image)[1]))
    assert np.abs(pixels.astype(int) - image).mean() < 3


def test_a_grey_image_file_gives_three_channels() -> None:
    assert decode_file(bytes(cv2.imencode(".png", gradient()[..., 0])[1])).shape == (48, 64, 3)


def test_a_photograph_taken_with_the_camera_on_its_side_is_upright() -> None:
    tiff = b"MM\0*\0\0\0\x08" + b"\0\x01" + b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0" + b"\0\0\0\0"
    exif = b"Exif\0\0" + tiff
    whole = jpeg(gradient())
    app1 = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    assert decode_file(whole[:2] + app1 + whole[2:]).shape == (WIDTH, HEIGHT, 3)


def test_a_jpeg_for_print_is_read_as_well() -> None:
    cmyk = np.dstack((gradient(), gradient()[..., 0]))
    data = simplejpeg.encode_jpeg(np.ascontiguousarray(cmyk), colorspace="CMYK")
    assert decode_file(data).shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize("make", [jpeg, lambda image: bytes(cv2.imencode(".bmp", image)[1])])
def test_a_cut_image_file_is_damaged(make: Callable[[Pixels], bytes]) -> None:
    whole = make(detailed())
    with pytest.raises(Damaged):
        decode_file(whole[: len(whole) // 2])


@pytest.mark.parametrize("data", [b"", b"I am no picture"])
def test_a_file_that_is_no_image_is_damaged(data: bytes) -> None:
    with pytest.raises(Damaged, match="holds no picture"):
        decode_file(data)


def test_a_jpeg_that_claims_to_be_enormous_is_not_believed() -> None:
    whole = jpeg(gradient())
    sizes = whole.index(b"\xff\xc0") + 5
    with pytest.raises(Damaged, match="larger than 16384"):
        decode_file(whole[:sizes] + b"\xf0\x00\xf0\x00" + whole[sizes + 4 :])
