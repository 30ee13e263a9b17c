"""Covers more of a frame that is masked already."""

from dataclasses import replace

from masking.fill import fill
from masking.masked_frame import Look, MaskedFrame
from masking.sealing import sealed
from models.box import Box


def also_covered(
    masked: MaskedFrame, faces: tuple[Box, ...], looks: tuple[Look, ...]
) -> MaskedFrame:
    """The frame with these faces covered as well, as its receipt says that faces are covered, and
    the looks that found them in its receipt. Without faces its pixels are the same ones."""
    before = masked.receipt
    receipt = replace(before, faces=before.faces + faces, looks=before.looks + looks)
    pixels = masked.pixels
    if faces:
        pixels = pixels.copy()
        fill(pixels, (face.grown(before.grow) for face in faces), before.fill)
    return sealed(masked, pixels, receipt)
