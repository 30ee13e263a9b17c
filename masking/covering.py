"""Makes masked frames: of raw ones, and of masked ones of which more is to be covered."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from devices.frame import Frame
from masking.fill import blank, fill
from masking.masked_frame import Look, MaskedFrame, Receipt
from masking.sealing import sealed
from masking.settings import MaskingSettings
from models.box import Box


def covered(
    frame: Frame,
    faces: tuple[Box, ...],
    looks: tuple[Look, ...],
    settings: MaskingSettings,
    carried: int = 0,
) -> MaskedFrame:
    """A copy with these faces covered; carried: how many of them were seen in other frames."""
    pixels = _copied(frame.pixels)
    fill(pixels, (face.grown(settings.grow) for face in faces), settings.fill)
    receipt = Receipt("masked", faces, looks, settings.fill, settings.grow, carried)
    return sealed(frame, pixels, receipt)


def redacted(frame: Frame, why: str, settings: MaskingSettings) -> MaskedFrame:
    """A picture of the same size that shows nothing."""
    receipt = Receipt("redacted", (), (), settings.fill, settings.grow, reason=why)
    return sealed(frame, blank(frame.height, frame.width), receipt)


def exempted(frame: Frame, reason: str, settings: MaskingSettings) -> MaskedFrame:
    """A copy as it is, of a camera that needs no masking."""
    receipt = Receipt("exempt", (), (), settings.fill, settings.grow, reason=reason)
    return sealed(frame, _copied(frame.pixels), receipt)


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


def _copied(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A plain array with memory of its own, whatever the camera's buffer is."""
    return np.array(pixels, np.uint8, order="C", subok=False)
