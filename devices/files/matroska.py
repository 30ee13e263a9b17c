"""Reads the stream in which ffmpeg hands over raw pictures, each with its time (Matroska)."""

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from devices.errors import VideoBroken

SEGMENT, TRACKS, TRACK, VIDEO, CLUSTER, GROUP = (
    0x18538067, 0x1654AE6B, 0xAE, 0xE0, 0x1F43B675, 0xA0,
)  # fmt: skip
WIDTH, HEIGHT, CLUSTER_MS, BLOCK, SIMPLE_BLOCK = 0xB0, 0xBA, 0xE7, 0xA1, 0xA3
ENTERED = {SEGMENT, TRACKS, TRACK, VIDEO, CLUSTER, GROUP}
BLOCK_HEAD = 4
PIECE_BYTES = 1 << 16

Pixels = NDArray[np.uint8]


def pictures(stream: BinaryIO) -> Iterator[tuple[float, Pixels]]:
    """Seconds since the beginning of the file, and the picture (height, width, 3) uint8.

    Ends where the stream ends, also within a picture: who writes it knows whether it is whole.
    Raises VideoBroken when a picture has another size than the first.
    """
    told = {WIDTH: 0, HEIGHT: 0, CLUSTER_MS: 0}
    while (ident := _number(stream, keep_mark=True)) is not None:
        size = _number(stream, keep_mark=False) or 0
        if ident in ENTERED:
            continue
        if ident in told:
            told[ident] = int.from_bytes(stream.read(size), "big")
        elif ident in (BLOCK, SIMPLE_BLOCK):
            since_ms = int.from_bytes(stream.read(BLOCK_HEAD)[1:3], "big", signed=True)
            picture = _picture(stream, told[HEIGHT], told[WIDTH], size - BLOCK_HEAD)
            if picture is None:
                return
            yield (told[CLUSTER_MS] + since_ms) / 1000, picture
        else:
            _skip(stream, size)


def _picture(stream: BinaryIO, height: int, width: int, size: int) -> Pixels | None:
    """None when the stream ends in its midst."""
    if size != height * width * 3:
        raise VideoBroken("its pictures change their size on the way")
    picture = np.empty((height, width, 3), np.uint8)
    whole = stream.readinto(picture.data.cast("B")) == size  # type: ignore[attr-defined]
    return picture if whole else None


def _number(stream: BinaryIO, keep_mark: bool) -> int | None:
    """One whose zeros at the front say how many bytes it has; a mark ends them. None at the end."""
    first = stream.read(1)
    if not first or not first[0]:
        return None
    length = 9 - first[0].bit_length()
    head = first[0] if keep_mark else first[0] & ((1 << (8 - length)) - 1)
    return int.from_bytes(bytes((head,)) + stream.read(length - 1), "big")


def _skip(stream: BinaryIO, size: int) -> None:
    while size > 0 and (piece := stream.read(min(size, PIECE_BYTES))):
        size -= len(piece)
