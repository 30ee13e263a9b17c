"""Turns finished pixels into a MaskedFrame: the one place that shows the seal."""

import numpy as np
from numpy.typing import NDArray

from devices.frame import Frame
from masking.masked_frame import SEAL, MaskedFrame, Receipt


def sealed(source: Frame | MaskedFrame, pixels: NDArray[np.uint8], receipt: Receipt) -> MaskedFrame:
    """The masked frame of these pixels, with the name, number and times of its source.

    pixels become read-only for good and must not be those of a raw frame.
    """
    return MaskedFrame(
        SEAL,
        _locked(pixels),
        source.camera,
        source.seq,
        source.captured_at,
        source.captured_s,
        receipt,
    )


def _locked(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same memory, read-only: over a memoryview, numpy refuses to switch writing on again."""
    pixels.flags.writeable = False
    return np.asarray(pixels.data.toreadonly(), np.uint8)
