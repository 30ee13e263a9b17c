"""The stream in which masked frames go to ffmpeg, each with its time (Matroska)."""

from fractions import Fraction

EBML, DOC_TYPE, SEGMENT, INFO, TICK_NS, TRACKS, TRACK = (
    0x1A45DFA3, 0x4282, 0x18538067, 0x1549A966, 0x2AD7B1, 0x1654AE6B, 0xAE,
)  # fmt: skip
NUMBER, UID, TYPE, CODEC, DURATION_NS, VIDEO, WIDTH, HEIGHT, COLOURS = (
    0xD7, 0x73C5, 0x83, 0x86, 0x23E383, 0xE0, 0xB0, 0xBA, 0x2EB524,
)  # fmt: skip
CLUSTER, CLUSTER_TIME, SIMPLE_BLOCK = 0x1F43B675, 0xE7, 0xA3

UNKNOWN_SIZE = b"\x01" + b"\xff" * 7
MICROSECOND_NS = 1000
BGR = b"BGR\x18"
KEY_FRAME = b"\x81\x00\x00\x80"
"""Of track 1, at the time of its cluster, and to be decoded alone."""


def head(width: int, height: int, rate: Fraction) -> bytes:
    """What comes before the first block: one track of raw pictures (height, width, 3), BGR."""
    video = _whole(WIDTH, width) + _whole(HEIGHT, height) + _element(COLOURS, BGR)
    track = _whole(NUMBER, 1) + _whole(UID, 1) + _whole(TYPE, 1)
    track += _element(CODEC, b"V_UNCOMPRESSED") + _whole(DURATION_NS, round(10**9 / rate))
    return (
        _element(EBML, _element(DOC_TYPE, b"matroska"))
        + _name(SEGMENT)
        + UNKNOWN_SIZE
        + _element(INFO, _whole(TICK_NS, MICROSECOND_NS))
        + _element(TRACKS, _element(TRACK, track + _element(VIDEO, video)))
    )


def block(at_s: float, size: int) -> bytes:
    """What comes before a picture of so many bytes, to be shown at_s seconds after the begin."""
    at = _whole(CLUSTER_TIME, round(at_s * 1e6))
    begin = _name(SIMPLE_BLOCK) + _size(len(KEY_FRAME) + size) + KEY_FRAME
    return _name(CLUSTER) + _size(len(at) + len(begin) + size) + at + begin


def _whole(ident: int, number: int) -> bytes:
    return _element(ident, number.to_bytes(8, "big"))


def _element(ident: int, data: bytes) -> bytes:
    return _name(ident) + _size(len(data)) + data


def _name(ident: int) -> bytes:
    return ident.to_bytes((ident.bit_length() + 7) // 8, "big")


def _size(size: int) -> bytes:
    """In eight bytes, of which the first only says that there are eight."""
    return b"\x01" + size.to_bytes(7, "big")
