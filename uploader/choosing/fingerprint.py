"""What a masked frame looks like, in so few numbers that hundreds can be compared in no time."""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from masking.masked_frame import MaskedFrame
from models.box import Box
from models.prediction import Prediction

HASH = "hash-1"
"""The space of perceptual hashes; whoever changes how they are made, changes its number."""
SAMPLED, SIDE, WAVES = 256, 32, 8


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """A place in a space in which frames that show nearly the same lie close to each other.

    space: who made the numbers, HASH or the hash of a network's weights; those of two spaces
    cannot be compared. vector: (n,) float32 of length 1.
    """

    space: str
    vector: NDArray[np.float32]


def fingerprint(masked: MaskedFrame, prediction: Prediction) -> Fingerprint:
    """By the embedding, where the model gives one, else by the perceptual hash of the pixels."""
    if prediction.embedding is not None and prediction.embedding.any():
        embedding = prediction.embedding
        unit = embedding / np.linalg.norm(embedding)
        return Fingerprint(prediction.model.sha256, unit.astype(np.float32))
    return from_hash(perceptual_hash(masked.pixels, covers(masked)))


def from_hash(bits: int) -> Fingerprint:
    """Of a perceptual hash: one number for each of its bits."""
    signs = np.unpackbits(np.frombuffer(bits.to_bytes(8, "big"), np.uint8))
    return Fingerprint(HASH, ((signs * 2.0 - 1.0) / 8.0).astype(np.float32))


def covers(masked: MaskedFrame) -> tuple[Box, ...]:
    """Where the masker covered faces."""
    receipt = masked.receipt
    return tuple(face.grown(receipt.grow) for face in receipt.faces)


def perceptual_hash(pixels: NDArray[np.uint8], covers: Iterable[Box] = ()) -> int:
    """64 bits of an image (height, width, 3) uint8 BGR: the signs of its longest waves.

    What is covered does not count: it is taken to be as bright as what stands around it.
    """
    sampled = cv2.resize(pixels, (SAMPLED, SAMPLED), interpolation=cv2.INTER_NEAREST)
    grey = cv2.cvtColor(sampled, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    waves = cv2.dct(small)[:WAVES, :WAVES].reshape(-1)
    return int.from_bytes(np.packbits(waves > np.median(waves[1:])).tobytes(), "big")
