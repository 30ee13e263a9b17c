from binascii import crc_hqx
from struct import pack_into

import pytest

from devices.pipelines.gdp import BUFFER, HEADER, NONE, Misread, form, packet
from devices.pixels import Layout

CAPS = b"video/x-raw, format=(string)%s, width=(int)%d, height=(int)%d, framerate=(fraction)%s\0"


def header(pts: int = 0, offset: int = NONE, after: int = NONE, kind: int = BUFFER) -> bytearray:
    """As gdppay makes it, checked against what GStreamer 1.22 wrote."""
    made = bytearray(HEADER.pack(1, 0, 1, kind, 99, pts, NONE, offset, after, 0, NONE, 0, 0))
    pack_into(">H", made, HEADER.size - 4, crc_hqx(made[:-4], 0xFFFF) ^ 0xFFFF)
    return made


def test_a_header_tells_length_and_time() -> None:
    told = packet(bytes(header(pts=1_500_000_000)))
    assert (told.kind, told.length, told.pts_s, told.number) == (BUFFER, 99, 1.5, None)
    assert packet(bytes(header(pts=NONE))).pts_s is None


def test_only_an_offset_that_counts_frames_is_a_number() -> None:
    assert packet(bytes(header(offset=7, after=8))).number == 7
    assert packet(bytes(header(offset=4096, after=8192))).number is None


@pytest.mark.parametrize("place", [0, 4, 9, 17, HEADER.size - 3])
def test_a_header_with_one_wrong_byte_is_refused(place: int) -> None:
    wrong = header()
    wrong[place] ^= 1
    with pytest.raises(Misread, match="between its frames"):
        packet(bytes(wrong))


@pytest.mark.parametrize(
    ("format", "width", "height", "layout", "size"),
    [
        (b"NV12", 1920, 1080, Layout(1920, 1080, 1920), 3110400),
        (b"I420", 648, 478, Layout(648, 478, 648), 464616),
        (b"UYVY", 640, 3, Layout(640, 3, 1280), 3840),
        (b"BGR", 642, 479, Layout(642, 479, 1928), 923512),
    ],
)
def test_a_form_says_how_frames_lie_in_memory(
    format: bytes, width: int, height: int, layout: Layout, size: int
) -> None:
    told = form(CAPS % (format, width, height, b"30000/1001"))
    assert (told.layout, told.frame_bytes) == (layout, size)
    assert told.fps == pytest.approx(29.97, abs=0.001)


@pytest.mark.parametrize(
    "caps",
    [b"", b"audio/x-raw\0", CAPS % (b"P010_10LE", 64, 48, b"30/1"), CAPS % (b"BGR", 0, 48, b"1/1")],
)
def test_caps_of_what_is_not_read_here_are_refused(caps: bytes) -> None:
    with pytest.raises(Misread):
        form(caps)
