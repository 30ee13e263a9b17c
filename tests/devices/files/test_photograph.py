"""What is taken for a photograph, and what is refused with which reason."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from devices.files.photograph import photograph, picture_format
from devices.files.quiet_decoders import hush_decoders
from devices.pixels import Damaged
from tests.vision_app.mask import tagged

MAKERS = list(tagged.MAKERS.items())
TURNED = [item for item in MAKERS if item[0] != ".bmp"]
Maker = Callable[..., bytes]


@pytest.fixture(autouse=True)
def _quiet() -> None:
    hush_decoders()


def scene() -> tagged.Image:
    """White, with red at the upper left; 48x32, so that a turned one has another shape."""
    picture = np.full((32, 48, 3), 255, np.uint8)
    picture[:16, :16] = (0, 0, 255)
    return picture


def red_corner(pixels: tagged.Image) -> str:
    places = {"upper left": (4, 4), "upper right": (4, -5), "lower left": (-5, 4)}
    places["lower right"] = (-5, -5)
    (found,) = [name for name, at in places.items() if pixels[at][2] > 200 and pixels[at][1] < 90]
    return found


@pytest.mark.parametrize(("ending", "make"), MAKERS)
def test_every_format_is_told_by_its_bytes_and_read(ending: str, make: Maker) -> None:
    data = make(scene())
    names = {".jpg": "jpeg", ".png": "png", ".webp": "webp", ".tiff": "tiff", ".bmp": "bmp"}
    assert picture_format(data) == names[ending]
    frame = photograph(data, "a")
    assert frame.pixels.shape == (32, 48, 3)
    assert red_corner(frame.pixels) == "upper left"


@pytest.mark.parametrize(("ending", "make"), TURNED)
@pytest.mark.parametrize(
    ("orientation", "corner", "shape"),
    [
        (2, "upper right", (32, 48)),
        (3, "lower right", (32, 48)),
        (4, "lower left", (32, 48)),
        (5, "upper left", (48, 32)),
        (6, "upper right", (48, 32)),
        (7, "lower right", (48, 32)),
        (8, "lower left", (48, 32)),
    ],
)
def test_a_turned_camera_gives_an_upright_picture(
    ending: str, make: Maker, orientation: int, corner: str, shape: tuple[int, int]
) -> None:
    pixels = photograph(make(scene(), orientation), "a").pixels
    assert pixels.shape[:2] == shape
    assert red_corner(pixels) == corner


@pytest.mark.parametrize("ending", tagged.MAKERS)
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_what_is_cut_short_is_refused(ending: str, kept: float) -> None:
    data = tagged.encoded(ending, scene())
    with pytest.raises(Damaged):
        photograph(data[: int(len(data) * kept)], "a")


def test_a_tiff_whose_directory_comes_first_is_refused_when_its_strip_is_cut() -> None:
    """OpenCV gives such a one with the rest of the picture black."""
    strip_first = tagged.tiff(scene())
    entries = [
        (256, tagged.SHORT, b"\x30\0"), (257, tagged.SHORT, b"\x20\0"),
        (258, tagged.SHORT, b"\x08\0" * 3), (259, tagged.SHORT, b"\x01\0"),
        (262, tagged.SHORT, b"\x02\0"), (273, tagged.LONG, b"\0\x04\0\0"),
        (277, tagged.SHORT, b"\x03\0"), (278, tagged.SHORT, b"\x20\0"),
        (279, tagged.LONG, b"\0\x12\0\0"),
    ]  # fmt: skip
    head = (b"II*\0\x08\0\0\0" + tagged.directory(entries, 8)).ljust(1024, b"\0")
    whole = head + strip_first[8 : 8 + 32 * 48 * 3]
    assert red_corner(photograph(whole, "a").pixels) == "upper left"
    with pytest.raises(Damaged, match="a TIFF that is cut short"):
        photograph(whole[:-100], "a")


def test_a_png_with_a_wrong_checksum_is_refused() -> None:
    data = bytearray(tagged.encoded(".png", scene()))
    data[50] ^= 0xFF
    with pytest.raises(Damaged, match="a checksum is wrong"):
        photograph(bytes(data), "a")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is empty"),
        (b"this is text", "no JPEG, PNG, WebP, BMP or TIFF"),
        (b"GIF89a" + b"\0" * 50, "no JPEG, PNG, WebP, BMP or TIFF"),
        (b"RIFF\0\0\0\0WAVEfmt ", "no JPEG, PNG, WebP, BMP or TIFF"),
        (b"\xff\xd8\xff", "JPEG"),
        (b"\x89PNG\r\n\x1a\n", "cut short"),
        (b"RIFF\xff\0\0\0WEBP", "cut short"),
        (b"BM", "cut short"),
        (b"II*\0", "damaged TIFF"),
        (b"II*\0\x08\0\0\0\0\0\x08\0\0\0", "damaged TIFF: its directories never end"),
        (b"MM\0+" + b"\xff" * 20, "damaged TIFF"),
    ],
)
def test_what_is_no_picture_is_refused_with_its_reason(data: bytes, why: str) -> None:
    with pytest.raises(Damaged, match=why):
        photograph(data, "a")


def animation(ending: str) -> bytes:
    moving = cv2.Animation()
    moving.frames = [scene(), 255 - scene()]
    moving.durations = [100, 100]
    done, data = cv2.imencodeanimation(ending, moving)
    assert done
    return bytes(data.tobytes())


def test_several_pictures_in_a_file_are_refused_because_one_alone_could_be_kept() -> None:
    done, tiff = cv2.imencodemulti(".tiff", [scene(), scene(), scene()])
    assert done
    for data, why in (
        (tiff.tobytes(), "it holds 3 pictures"),
        (animation(".png"), "it holds 2 pictures"),
        (animation(".webp"), "it is animated"),
    ):
        with pytest.raises(Damaged, match=why):
            photograph(data, "a")


def test_a_page_that_is_a_thumbnail_is_no_second_picture() -> None:
    assert photograph(tagged.tiff(scene()), "a").width == 48


@pytest.mark.parametrize("ending", [".png", ".tiff"])
def test_sixteen_bits_become_eight_and_transparency_goes(ending: str) -> None:
    deep = tagged.encoded(ending, (scene().astype(np.uint16) * 257))  # type: ignore[arg-type]
    clear = tagged.encoded(ending, np.dstack([scene(), np.zeros((32, 48), np.uint8)]))
    for data in (deep, clear):
        assert np.array_equal(photograph(data, "a").pixels, scene())


def test_a_picture_that_claims_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    data = bytearray(tagged.encoded(".png", scene()))
    header = b"IHDR" + (60_000).to_bytes(4, "big") * 2 + bytes(data[24:29])
    data[8:33] = tagged.png_chunk(b"IHDR", header[4:])
    with pytest.raises(Damaged, match="60000x60000, larger than 16384 pixels a side"):
        photograph(bytes(data), "a")
