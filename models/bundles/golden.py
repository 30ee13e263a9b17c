"""An example that a network must reproduce on a machine before it is used there."""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.bundles.npz import read_arrays
from models.errors import BundleError

MAX_GOLDEN_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Golden:
    """A picture and what the network says of it.

    image: uint8, shape (height, width, 3), BGR, of any size.
    scores: float32, one probability per label, before calibration.
    """

    image: NDArray[np.uint8]
    scores: NDArray[np.float32]


def written_golden(golden: Golden) -> bytes:
    """The content of a golden.npz; the picture is the one that a person gave, or the test card."""
    out = io.BytesIO()
    np.savez_compressed(out, image=golden.image, scores=golden.scores)
    return out.getvalue()


def read_golden(content: bytes, file: str) -> Golden:
    """The example in a golden.npz; BundleError when it is none. Nothing is ever unpickled.

    file: what the sentence is to name.
    """
    try:
        image, scores = read_arrays(content, ("image", "scores"), MAX_GOLDEN_BYTES)
    except ValueError as error:
        raise BundleError(
            f"{file} must be a .npz of image and scores, no pickles: {error}"
        ) from None
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise BundleError(f"{file}: image must be uint8 (height, width, 3), BGR")
    if scores.dtype != np.float32 or scores.ndim != 1 or not np.isfinite(scores).all():
        raise BundleError(f"{file}: scores must be finite float32, one per label")
    return Golden(image, scores)
