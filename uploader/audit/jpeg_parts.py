"""What a stored JPEG carries beside its picture, and how coarsely it was written; nothing decoded.

The device writes baseline JPEGs of one scan with a JFIF header and nothing else. Whatever more a
file holds, a thumbnail in EXIF or bytes behind the end, may show what the picture does not.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

START, END = b"\xff\xd8", b"\xff\xd9"
DHT, DQT, DRI, SOS, APP0, BASELINE = 0xC4, 0xDB, 0xDD, 0xDA, 0xE0, 0xC0
PLAIN_JFIF = 14
"""Bytes in a JFIF header that has no thumbnail."""
NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7]", re.DOTALL)
"""Within compressed data: where it ends."""


@dataclass(frozen=True, slots=True)
class JpegParts:
    """width, height: pixels. steps: the 64 quantisation steps of its brightness, the first of the
    mean. extras: what it carries that the device would not have written, in words.
    """

    width: int
    height: int
    steps: tuple[int, ...]
    extras: tuple[str, ...]


def jpeg_parts(body: bytes) -> JpegParts:
    """Reads the headers. Raises ValueError for what is no JPEG, or one cut off."""
    tables: dict[int, tuple[int, ...]] = {}
    extras: list[str] = []
    frame = b""
    scan_at = 0
    try:
        for marker, segment, end in _segments(body):
            scan_at = end
            if marker == DQT:
                tables.update(_tables(segment))
            elif marker == BASELINE:
                frame = segment
            elif marker == APP0 and segment.startswith(b"JFIF\0") and len(segment) == PLAIN_JFIF:
                continue
            elif marker not in (DHT, DRI, SOS):
                extras.append(_named(marker))
        height, width, count = struct.unpack_from(">xHHB", frame)
        steps = tables[frame[8]]
        sampling = [frame[7 + 3 * number] for number in range(count)]
    except (struct.error, IndexError, KeyError) as error:
        raise ValueError("it is no JPEG as the device writes them") from error
    if count != 3 or sampling[0] != max(sampling):
        extras.append("other colours than the device writes")
    return JpegParts(width, height, steps, (*extras, *_behind(body, scan_at)))


def _segments(body: bytes) -> Iterator[tuple[int, bytes, int]]:
    """(marker, content, offset of its end) of every header, up to the compressed data."""
    if not body.startswith(START):
        raise ValueError("it is no JPEG")
    at, marker = 2, 0
    while marker != SOS:
        lead, marker, length = struct.unpack_from(">BBH", body, at)
        end = at + 2 + length
        if lead != 0xFF or end > len(body):
            raise ValueError("it is a JPEG that is damaged or cut off")
        yield marker, body[at + 4 : end], end
        at = end


def _tables(segment: bytes) -> Iterator[tuple[int, tuple[int, ...]]]:
    while segment:
        wide, number = segment[0] >> 4, segment[0] & 15
        shape = ">64H" if wide else ">64B"
        yield number, struct.unpack_from(shape, segment, 1)
        segment = segment[1 + struct.calcsize(shape) :]


def _named(marker: int) -> str:
    if marker == 0xFE:
        return "a comment"
    if APP0 <= marker <= 0xEF:
        return f"metadata (APP{marker - APP0})"
    return f"a part of another kind (marker {marker:02X})"


def _behind(body: bytes, scan_at: int) -> Iterator[str]:
    """What follows the picture, which must be its end and nothing more."""
    found = NEXT_MARKER.search(body, scan_at)
    if found is None:
        raise ValueError("it is a JPEG that is cut off")
    if found.group() != END:
        yield "a second part of the picture"
    elif found.end() != len(body):
        yield f"{len(body) - found.end()} bytes behind the picture"
