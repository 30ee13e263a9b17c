"""The pages of a TIFF file, read from its directories; no picture is decoded."""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

WIDTH, HEIGHT, SUBFILE, REDUCED = 256, 257, 254, 1
PLACES = ((273, 279), (324, 325))
"""Tags of where strips lie and how long they are; and of tiles."""
MAX_PAGES, MAX_VALUES = 1000, 1 << 20
_NUMBERS: Mapping[int, str] = {1: "B", 3: "H", 4: "I", 16: "Q"}
"""Codes of struct for the types of tags that hold whole numbers."""

Tags = Mapping[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Page:
    """width, height: pixels. reduced: a smaller version of another page, such as a thumbnail.

    whole: whether all its pixels lie within the file.
    """

    width: int
    height: int
    reduced: bool
    whole: bool


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a directory is written: order of bytes, and codes of its count, entries and offsets."""

    order: str
    count: str
    entry: str
    offset: str


def pages(data: bytes) -> Iterator[Page]:
    """Every page in order. Raises ValueError for what is no TIFF, or is cut, or goes in circles."""
    try:
        layout, at = _beginning(data)
        seen: set[int] = set()
        while at:
            if at in seen or len(seen) >= MAX_PAGES:
                raise ValueError("its directories never end")
            seen.add(at)
            tags, at = _directory(data, layout, at)
            yield _page(tags, len(data))
    except (struct.error, OverflowError):
        raise ValueError("a directory lies outside of the file") from None


def _beginning(data: bytes) -> tuple[_Layout, int]:
    """How it is written, and where the first directory is."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    version = struct.unpack_from(f"{order}H", data, 2)[0] if order else 0
    if order and version == 42:
        layout, at = _Layout(order, "H", "HHI4s", "I"), 4
    elif order and version == 43:
        layout, at = _Layout(order, "Q", "HHQ8s", "Q"), 8
    else:
        raise ValueError("no TIFF")
    return layout, struct.unpack_from(order + layout.offset, data, at)[0]


def _directory(data: bytes, layout: _Layout, at: int) -> tuple[Tags, int]:
    """The tags of whole numbers in a directory, and where the next one is; 0 behind the last."""
    order = layout.order
    count = struct.unpack_from(order + layout.count, data, at)[0]
    at += struct.calcsize(order + layout.count)
    tags: dict[int, tuple[int, ...]] = {}
    for _ in range(count):
        tag, kind, length, field = struct.unpack_from(order + layout.entry, data, at)
        at += struct.calcsize(order + layout.entry)
        if kind in _NUMBERS:
            tags[tag] = _values(data, layout, _NUMBERS[kind], length, field)
    return tags, struct.unpack_from(order + layout.offset, data, at)[0]


def _values(data: bytes, layout: _Layout, code: str, length: int, field: bytes) -> tuple[int, ...]:
    """The numbers of a tag, which lie in its field, or elsewhere where they are too many."""
    if length > MAX_VALUES:
        raise ValueError("a directory claims too much")
    form = f"{layout.order}{length}{code}"
    if struct.calcsize(form) <= len(field):
        return struct.unpack_from(form, field)
    return struct.unpack_from(form, data, struct.unpack(layout.order + layout.offset, field)[0])


def _page(tags: Tags, size: int) -> Page:
    (width, *_), (height, *_) = tags.get(WIDTH) or (0,), tags.get(HEIGHT) or (0,)
    (kind, *_) = tags.get(SUBFILE) or (0,)
    parts = [
        offset + length <= size
        for offsets, lengths in PLACES
        for offset, length in zip(tags.get(offsets, ()), tags.get(lengths, ()), strict=False)
    ]
    return Page(width, height, bool(kind & REDUCED), bool(parts) and all(parts))
