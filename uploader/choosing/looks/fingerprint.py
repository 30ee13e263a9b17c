"""What a masked frame looks like, in so few numbers that hundreds can be compared in no time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from masking.masked_frame import MaskedFrame
from models.prediction import Prediction
from uploader.choosing.looks.perceptual_hash import BITS, perceptual_hash

HASH = "hash-1"
"""The space of perceptual hashes; whoever changes how they are made, changes its number."""
NOTHING = np.float32(1e-9)
"""What an embedding of zeros, which has no direction, is made of."""


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """A place in a space in which frames that show nearly the same lie close to each other.

    space: HASH, or the hash of the weights that made the numbers; those of two spaces cannot be
    compared. vector: (n,) float32 of length 1.
    """

    space: str
    vector: NDArray[np.float32]


def fingerprint(masked: MaskedFrame, prediction: Prediction) -> Fingerprint:
    """By the embedding, where the model gives one, else by the perceptual hash of the pixels."""
    if prediction.embedding is None:
        return of_hash(hash_of(masked))
    vector = prediction.embedding + NOTHING
    return Fingerprint(prediction.model.sha256, vector / np.float32(np.linalg.norm(vector)))


def hash_of(masked: MaskedFrame) -> int:
    """The perceptual hash of a masked frame, 64 bits."""
    receipt = masked.receipt
    grown = (face.grown(receipt.grow) for face in receipt.faces)
    return perceptual_hash(
        masked.pixels, [box.pixels(masked.width, masked.height) for box in grown]
    )


def of_hash(bits: int) -> Fingerprint:
    """Of a perceptual hash: ± 1/8 for each bit, so that d different ones make a cosine of
    1 - d / 32."""
    signs = np.unpackbits(np.frombuffer(bits.to_bytes(BITS // 8, "big"), np.uint8))
    return Fingerprint(HASH, (signs.astype(np.float32) * 2 - 1) / np.float32(BITS**0.5))
