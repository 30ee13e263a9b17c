"""A picture file as a raw frame; what is damaged, or more than one picture, is refused."""

import struct
import time
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Literal

from devices.files import tiff
from devices.frame import Frame
from devices.pixels import MAX_SIDE, Damaged, decode_file

PictureFormat = Literal["jpeg", "png", "webp", "bmp", "tiff"]

_BEGINNINGS: Mapping[bytes, PictureFormat] = {
    b"\xff\xd8\xff": "jpeg",
    b"\x89PNG\r\n\x1a\n": "png",
    b"RIFF": "webp",
    b"BM": "bmp",
    b"II*\0": "tiff",
    b"MM\0*": "tiff",
    b"II+\0": "tiff",
    b"MM\0+": "tiff",
}
_ANIMATED = 0x02


def picture_format(data: bytes) -> PictureFormat:
    """What the bytes are, whatever the file is called. Raises Damaged for any other kind."""
    for beginning, form in _BEGINNINGS.items():
        if data.startswith(beginning) and (form != "webp" or data[8:12] == b"WEBP"):
            return form
    raise Damaged("it is no JPEG, PNG, WebP, BMP or TIFF" if data else "it is empty")


def photograph(data: bytes, name: str) -> Frame:
    """The one picture in a file, upright, 8 bits a colour, as a frame of the camera `name`.

    Transparency is dropped: what was below shows. Raises Damaged.
    """
    check = _CHECKS.get(picture_format(data))
    try:
        if check is not None:
            check(data)
    except struct.error:
        raise Damaged("it is cut short, or its headers are damaged") from None
    return Frame(decode_file(data), name, 0, datetime.now(timezone.utc), time.monotonic())


def _check_png(data: bytes) -> None:
    """The decoder would tell of a wrong checksum as well, but on standard error."""
    at = 8
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        chunk = memoryview(data)[at + 4 : at + 8 + length]
        (sum_,) = struct.unpack_from(">I", data, at + 8 + length)
        if zlib.crc32(chunk) != sum_:
            raise Damaged("a damaged PNG: a checksum is wrong")
        if kind == b"IHDR":
            _require_size(*struct.unpack_from(">II", data, at + 8))
        if kind == b"acTL":
            _require_one(*struct.unpack_from(">I", data, at + 8))
        if kind == b"IEND":
            return
        at += 12 + length
    raise Damaged("a PNG that is cut short")


def _check_webp(data: bytes) -> None:
    """WebP has no checksum: only what is cut can be told from what is whole."""
    (length,) = struct.unpack_from("<I", data, 4)
    if len(data) < 8 + length:
        raise Damaged("a WebP that is cut short")
    if data[12:16] == b"VP8X" and data[20] & _ANIMATED:
        raise Damaged("it is animated; a video of it can be masked")


def _check_bmp(data: bytes) -> None:
    (header,) = struct.unpack_from("<I", data, 14)
    width, height = struct.unpack_from("<HH" if header == 12 else "<ii", data, 18)
    _require_size(width, abs(height))


def _check_tiff(data: bytes) -> None:
    try:
        found = list(tiff.pages(data))
    except ValueError as error:
        raise Damaged(f"a damaged TIFF: {error}") from None
    _require_one(sum(not page.reduced for page in found))
    if found[0].reduced:
        raise Damaged("a TIFF that begins with its thumbnail; write it anew, picture first")
    if not found[0].whole:
        raise Damaged("a TIFF that is cut short")
    _require_size(found[0].width, found[0].height)


def _require_size(width: int, height: int) -> None:
    if max(width, height) > MAX_SIDE:
        raise Damaged(f"a picture of {width}x{height}, larger than {MAX_SIDE} pixels a side")


def _require_one(count: int) -> None:
    if count != 1:
        raise Damaged(f"it holds {count} pictures; give each a file of its own")


_CHECKS: Mapping[PictureFormat, Callable[[bytes], None]] = {
    "png": _check_png,
    "webp": _check_webp,
    "bmp": _check_bmp,
    "tiff": _check_tiff,
}
"""What is to be looked at before decoding; JPEG is looked at by its decoder."""
