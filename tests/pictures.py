"""What a picture file holds beside its pixels, read byte by byte."""

import struct


def parts(data: bytes) -> set[str]:
    """The names of all that a JPEG, PNG, WebP, BMP or TIFF consists of.

    "rest" among them means bytes that belong to nothing.
    """
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    if data.startswith(b"\x89PNG"):
        return _png(data)
    if data.startswith(b"RIFF"):
        return _webp(data)
    if data.startswith(b"BM"):
        return _bmp(data)
    return _tiff(data)


def _jpeg(data: bytes) -> set[str]:
    found, at = set(), 2
    while data[at + 1] != 0xDA:
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        jfif = data[at + 1] == 0xE0 and data[at + 4 : at + 9] == b"JFIF\0" and length == 16
        found.add("JFIF" if jfif else f"{data[at + 1]:02X}")
        at += 2 + length
    return found | ({"rest"} if data.index(b"\xff\xd9", at) + 2 != len(data) else set())


def _png(data: bytes) -> set[str]:
    found, at = set(), 8
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        found.add("rest" if "IEND" in found else kind.decode())
        at += 12 + length
    return found


def _webp(data: bytes) -> set[str]:
    found, at = set(), 12
    while at < len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        found.add(kind.decode())
        at += 8 + length + length % 2
    whole = struct.unpack_from("<I", data, 4)[0] + 8
    return found | ({"rest"} if whole != len(data) else set())


def _bmp(data: bytes) -> set[str]:
    size, _, begin, header, width, height = struct.unpack_from("<IIIIii", data, 2)
    exact = begin + abs(height) * ((width * 3 + 3) // 4 * 4)
    found = {f"header of {header}"}
    return found | ({"rest"} if not size == exact == len(data) else set())


def _tiff(data: bytes) -> set[str]:
    (at,) = struct.unpack_from("<I", data, 4)
    found: set[str] = set()
    pages = 0
    while at:
        (count,) = struct.unpack_from("<H", data, at)
        found |= {str(struct.unpack_from("<H", data, at + 2 + 12 * n)[0]) for n in range(count)}
        (at,) = struct.unpack_from("<I", data, at + 2 + 12 * count)
        pages += 1
    return found | {"page"} if pages == 1 else found | {"several pages"}


BARE = {
    "jpeg": {"JFIF", "DB", "C0", "C4"},
    "png": {"IHDR", "IDAT", "IEND"},
    "webp": {"VP8 "},
    "bmp": {"header of 40"},
    "tiff": {
        "page", "256", "257", "258", "259", "262", "273", "277", "278", "279", "284", "317", "339",
    },
}  # fmt: skip
"""What nothing but a picture needs: of TIFF, tags that say how its samples lie."""
ENDINGS = {".jpg": "jpeg", ".png": "png", ".webp": "webp", ".bmp": "bmp", ".tiff": "tiff"}
