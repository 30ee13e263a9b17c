"""Picture files as cameras and phones write them: with EXIF, GPS, XMP, a profile and a thumbnail.

Written byte by byte here, so that the tests know exactly what a careless copy would carry along.
"""

import struct
import zlib
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]

OWNER = b"Owner Jane Doe, 12 Elm Street"
LATITUDE = struct.pack("<6I", 52, 1, 30, 1, 987654321, 1000003)
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>secret of the xmp packet</x:xmpmeta>"
COMMENT = b"secret of the comment"
PROFILE = b"secret of the colour profile".ljust(128, b"\0")
IPTC = b"Photoshop 3.0\x008BIM\x04\x04secret of the caption"
SECRETS = (OWNER, LATITUDE, b"secret of the", b"Exif", b"xmpmeta")

ASCII, SHORT, LONG, RATIONAL, BYTES = 2, 3, 4, 5, 7
SIZES = {ASCII: 1, SHORT: 2, LONG: 4, RATIONAL: 8, BYTES: 1}
GPS_IFD, EXIF_OWNER, ORIENTATION, THUMB_AT, THUMB_LENGTH = 0x8825, 0x010E, 0x0112, 0x0201, 0x0202

Entry = tuple[int, int, bytes]


def encoded(ending: str, image: Image) -> bytes:
    done, data = cv2.imencode(ending, image)
    assert done
    return data.tobytes()


def decoded(data: bytes) -> Image:
    """What a viewer that heeds no metadata shows."""
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    assert image is not None
    return np.asarray(image, np.uint8)


def thumbnail() -> bytes:
    """A small JPEG that shows what the large one hides."""
    noise = np.random.default_rng(1).integers(0, 256, (40, 60, 3), np.uint8)
    return encoded(".jpg", noise)


def directory(entries: Sequence[Entry], at: int, next_at: int = 0) -> bytes:
    """A directory of TIFF (little endian) that will lie at an offset; long values lie behind it."""
    head = struct.pack("<H", len(entries))
    values, behind = b"", at + 2 + 12 * len(entries) + 4
    for tag, kind, value in sorted(entries):
        if len(value) > 4:
            field = struct.pack("<I", behind + len(values))
            values += value + b"\0" * (len(value) % 2)
        else:
            field = value.ljust(4, b"\0")
        head += struct.pack("<HHI", tag, kind, len(value) // SIZES[kind]) + field
    return head + struct.pack("<I", next_at) + values


def exif(orientation: int = 1) -> bytes:
    """An EXIF block: owner, orientation, place on earth, and a thumbnail in a second directory."""

    def first(gps_at: int, next_at: int) -> bytes:
        return directory(
            [
                (EXIF_OWNER, ASCII, OWNER + b"\0"),
                (ORIENTATION, SHORT, struct.pack("<H", orientation)),
                (GPS_IFD, LONG, struct.pack("<I", gps_at)),
            ],
            8,
            next_at,
        )

    gps_at = 8 + len(first(0, 0))
    gps = directory([(1, ASCII, b"N\0"), (2, RATIONAL, LATITUDE)], gps_at)
    second_at, small = gps_at + len(gps), thumbnail()
    places = [(THUMB_AT, LONG, b"\0" * 4), (THUMB_LENGTH, LONG, struct.pack("<I", len(small)))]
    small_at = second_at + len(directory(places, second_at))
    places[0] = (THUMB_AT, LONG, struct.pack("<I", small_at))
    second = directory(places, second_at)
    return b"II*\0\x08\0\0\0" + first(gps_at, second_at) + gps + second + small


def jpeg(image: Image, orientation: int = 1) -> bytes:
    data = encoded(".jpg", image)
    segments = [
        (0xE1, b"Exif\0\0" + exif(orientation)),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP),
        (0xE2, b"ICC_PROFILE\0\1\1" + PROFILE),
        (0xED, IPTC),
        (0xFE, COMMENT),
    ]
    added = [b"\xff" + bytes([m]) + struct.pack(">H", len(b) + 2) + b for m, b in segments]
    return data[:2] + b"".join(added) + data[2:] + b"secret of the trailer"


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(image: Image, orientation: int = 1) -> bytes:
    data = encoded(".png", image)
    profile = b"icc\0\0" + zlib.compress(PROFILE)
    added = [
        png_chunk(b"iCCP", profile),
        png_chunk(b"eXIf", exif(orientation)),
        png_chunk(b"tEXt", b"Comment\0" + COMMENT),
        png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP),
    ]
    return data[:33] + b"".join(added) + data[33:]


def webp_chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def webp(image: Image, orientation: int = 1) -> bytes:
    picture = encoded(".webp", image)[12:]
    height, width = image.shape[:2]
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    flags = 0x20 | 0x08 | 0x04  # profile, EXIF, XMP
    body = b"WEBP" + webp_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + canvas)
    body += webp_chunk(b"ICCP", PROFILE) + picture
    body += webp_chunk(b"EXIF", exif(orientation)) + webp_chunk(b"XMP ", XMP)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def tiff(image: Image, orientation: int = 1) -> bytes:
    """One strip, not compressed, as a scanner writes it; behind it a page that is a thumbnail."""
    strip = np.ascontiguousarray(image[:, :, ::-1]).tobytes()
    strip_at = 8
    at = strip_at + len(strip) + len(strip) % 2
    height, width = image.shape[:2]

    def page(orientation: int, reduced: int, extra: Sequence[Entry]) -> list[Entry]:
        return [
            (254, LONG, struct.pack("<I", reduced)),
            (256, LONG, struct.pack("<I", width)),
            (257, LONG, struct.pack("<I", height)),
            (258, SHORT, struct.pack("<3H", 8, 8, 8)),
            (259, SHORT, struct.pack("<H", 1)),
            (262, SHORT, struct.pack("<H", 2)),
            (273, LONG, struct.pack("<I", strip_at)),
            (ORIENTATION, SHORT, struct.pack("<H", orientation)),
            (277, SHORT, struct.pack("<H", 3)),
            (278, LONG, struct.pack("<I", height)),
            (279, LONG, struct.pack("<I", len(strip))),
            *extra,
        ]

    extra = [
        (EXIF_OWNER, ASCII, OWNER + b"\0"),
        (700, BYTES, XMP),
        (33723, BYTES, IPTC),
        (34675, BYTES, PROFILE),
        (50000, RATIONAL, LATITUDE),
    ]
    second_at = at + len(directory(page(orientation, 0, extra), at))
    first = directory(page(orientation, 0, extra), at, second_at)
    second = directory(page(1, 1, [(EXIF_OWNER, ASCII, OWNER + b"\0")]), second_at)
    head = b"II*\0" + struct.pack("<I", at) + strip
    return head + b"\0" * (len(strip) % 2) + first + second


def bmp(image: Image, orientation: int = 1) -> bytes:
    """BMP knows no orientation and no metadata, but programs put things behind the picture."""
    return encoded(".bmp", image) + COMMENT + exif()


MAKERS = {".jpg": jpeg, ".png": png, ".webp": webp, ".tiff": tiff, ".bmp": bmp}
