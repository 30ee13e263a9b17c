"""The one pen: the only place where pixels become a picture file, and only masked ones do."""

from collections.abc import Mapping, Sequence
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from masking.masked_frame import MaskedFrame
from uploader.errors import NotEncoded, NotMasked

MAX_TILES = 20
COLUMNS = 4
TILE_W, TILE_H = 320, 240
CAPTION_LINES, LINE_H = 2, 21
GAP = 12
PAPER, MOUNT, INK, FAINT = (250, 250, 250), (236, 236, 236), (40, 40, 40), (120, 120, 120)

Pixels = NDArray[np.uint8]


PictureFormat = Literal["jpeg", "png", "webp", "bmp", "tiff"]

_ENDINGS: Mapping[PictureFormat, str] = {
    "jpeg": ".jpg", "png": ".png", "webp": ".webp", "bmp": ".bmp", "tiff": ".tiff"
}  # fmt: skip


def jpeg(masked: MaskedFrame, quality: int) -> bytes:
    """A masked frame as JPEG; as `picture` otherwise."""
    return picture(masked, "jpeg", quality)


def picture(masked: MaskedFrame, form: PictureFormat, quality: int) -> bytes:
    """A masked frame as an image file: 8 bits of blue, green and red for each pixel, nothing else.

    No EXIF, thumbnail, comment, profile or transparency. quality: 0..100, of JPEG and WebP; the
    other formats keep every pixel as it is.
    Raises NotMasked for anything whose type is not exactly MaskedFrame, and for a redacted frame;
    NotEncoded for a picture that the format cannot hold (JPEG: 65500 pixels a side; WebP: 16383).
    """
    if type(masked) is not MaskedFrame:
        raise NotMasked(f"only a MaskedFrame is ever encoded, not a {type(masked).__name__}")
    if masked.redacted:
        raise NotMasked(f"{masked!r} shows nothing: a redacted frame is counted, not kept")
    return _encoded(_ENDINGS[form], masked.pixels, _options(form, quality))


def contact_sheet(tiles: Sequence[tuple[bytes, str]]) -> bytes:
    """The first 20 stored JPEGs with their captions (at most two lines) as one PNG.

    A picture that cannot be decoded is shown as an empty tile; characters outside ASCII, which the
    drawn font lacks, are shown escaped.
    """
    shown = tiles[:MAX_TILES]
    columns = max(1, min(COLUMNS, len(shown)))
    rows = max(1, -(-len(shown) // columns))
    cell_w, cell_h = TILE_W + GAP, TILE_H + CAPTION_LINES * LINE_H + 2 * GAP
    sheet = np.full((rows * cell_h + GAP, columns * cell_w + GAP, 3), PAPER, np.uint8)
    for place, (stored, caption) in enumerate(shown):
        left, top = GAP + place % columns * cell_w, GAP + place // columns * cell_h
        sheet[top : top + TILE_H, left : left + TILE_W] = _tile(stored)
        _write(sheet, caption, left, top + TILE_H)
    return _encoded(".png", sheet, [cv2.IMWRITE_PNG_COMPRESSION, 6])


def _tile(stored: bytes) -> Pixels:
    """The stored picture, whole, in the middle of a tile."""
    tile = np.full((TILE_H, TILE_W, 3), MOUNT, np.uint8)
    picture = decoded(stored)
    if picture is None:
        return tile
    height, width = picture.shape[:2]
    scale = min(TILE_W / width, TILE_H / height)
    w, h = max(1, round(width * scale)), max(1, round(height * scale))
    x, y = (TILE_W - w) // 2, (TILE_H - h) // 2
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    tile[y : y + h, x : x + w] = cv2.resize(picture, (w, h), interpolation=method)
    return tile


def decoded(stored: bytes) -> Pixels | None:
    """The picture as a reader of the store will see it; None where the bytes are no picture."""
    if not stored:
        return None
    picture = cv2.imdecode(np.frombuffer(stored, np.uint8), cv2.IMREAD_COLOR)
    return None if picture is None else picture.astype(np.uint8, copy=False)


def _write(sheet: Pixels, caption: str, left: int, top: int) -> None:
    """The caption below a tile: the first line dark, the second faint, cut to the tile's width."""
    for number, line in enumerate(caption.splitlines()[:CAPTION_LINES]):
        text = _fitted(line.encode("ascii", "backslashreplace").decode("ascii"))
        at = (left, top + (number + 1) * LINE_H - 2)
        colour = FAINT if number else INK
        cv2.putText(sheet, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, 1, cv2.LINE_AA)


def _fitted(text: str) -> str:
    """The text, with dots at its end where it is wider than a tile."""
    if _width(text) <= TILE_W:
        return text
    while text and _width(text + "...") > TILE_W:
        text = text[:-1]
    return text + "..."


def _width(text: str) -> int:
    return int(cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 1)[0][0])


def _options(form: PictureFormat, quality: int) -> list[int]:
    if form == "jpeg":
        return [cv2.IMWRITE_JPEG_QUALITY, quality]
    if form == "webp":
        return [cv2.IMWRITE_WEBP_QUALITY, max(1, quality)]
    return []


def _encoded(ending: str, pixels: Pixels, options: list[int]) -> bytes:
    done, encoded = cv2.imencode(ending, pixels, options)
    if not done:
        height, width = pixels.shape[:2]
        raise NotEncoded(f"a picture of {width}x{height} cannot be written as {ending}")
    return encoded.tobytes()
