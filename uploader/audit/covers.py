"""Whether the covers that a receipt names really are there, seen in the stored JPEG itself.

A solid cover is one grey. JPEG writes brightness in blocks of 8x8 pixels: a block that lies wholly
below covers comes back as that grey, off by a level or two; nothing but a flat block does. In a
block that a cover crosses, each of its 64 coefficients was rounded to a step that stands in the
file. The transform keeps sums of squares, so what rounding can have added to its covered pixels
has an upper bound, and a block that is farther from the grey was not covered when it was written.
Colour is not looked at: it is stored at half the size, and blurs over the edges of covers.
"""

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from masking.fill import LEVEL
from models.box import Box
from uploader.audit.jpeg_parts import JpegParts

BLOCK = 8
COARSEST = 16, 72_007.0
"""The first step, and the sum of squares of half of all, at the lowest quality that the
configuration allows (keep.jpeg_quality 50): a file that is coarser gets no more tolerance."""

Rect = tuple[int, int, int, int]
Flags = NDArray[np.bool_]


def uncovered(body: bytes, parts: JpegParts, faces: Sequence[Box], grow: float) -> tuple[Rect, ...]:
    """The covers (x1, y1, x2, y2), of faces grown, that are not one flat grey in the JPEG.

    Raises ValueError where it cannot be decoded.
    """
    shape = parts.width, parts.height
    rects = [rect for face in faces if not _empty(rect := face.grown(grow).pixels(*shape))]
    if not rects:
        return ()
    bright = simplejpeg.decode_jpeg(body, colorspace="GRAY")[..., 0].astype(np.int32)
    covered = np.zeros(bright.shape, np.bool_)
    for x1, y1, x2, y2 in rects:
        covered[y1:y2, x1:x2] = True
    away = np.where(covered, bright - LEVEL, 0)
    flat, rounding = _tolerance(parts.steps)
    return tuple(rect for rect in rects if not _flat(away, covered, rect, flat, rounding))


def _tolerance(steps: Sequence[int]) -> tuple[int, float]:
    """Levels by which a flat block may be off; root of the sum of squares in one that is not."""
    first, squares = COARSEST
    flat = min(steps[0], first) // (2 * BLOCK) + 1
    return flat, math.sqrt(min(sum((step / 2) ** 2 for step in steps), squares))


def _flat(away: NDArray[np.int32], covered: Flags, rect: Rect, flat: int, rounding: float) -> bool:
    x1, y1, x2, y2 = rect
    rows = slice(y1 // BLOCK * BLOCK, -(-y2 // BLOCK) * BLOCK)
    columns = slice(x1 // BLOCK * BLOCK, -(-x2 // BLOCK) * BLOCK)
    off = _blocks(away[rows, columns], "constant")
    # At the picture's edge the encoder repeats its last pixels, so their cover goes on, too.
    below = _blocks(covered[rows, columns], "edge")
    whole = below.all(axis=1)
    if np.abs(off[whole]).max(initial=0) > flat:
        return False
    crossed, pixels = off[~whole], below[~whole].sum(axis=1)
    distance = np.sqrt((crossed.astype(np.float64) ** 2).sum(axis=1))
    return bool((distance <= rounding + np.sqrt(pixels)).all())


def _blocks(pixels: NDArray[Any], beyond: Literal["constant", "edge"]) -> NDArray[Any]:
    """As rows of 64, one per block; cut ones are filled up beyond the edge."""
    height, width = pixels.shape
    filled = np.pad(pixels, ((0, -height % BLOCK), (0, -width % BLOCK)), mode=beyond)
    tall, wide = filled.shape[0] // BLOCK, filled.shape[1] // BLOCK
    rows: NDArray[Any] = filled.reshape(tall, BLOCK, wide, BLOCK).swapaxes(1, 2)
    return rows.reshape(-1, BLOCK * BLOCK)


def _empty(rect: Rect) -> bool:
    x1, y1, x2, y2 = rect
    return x1 >= x2 or y1 >= y2
