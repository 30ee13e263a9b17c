"""Masked frames that are worth keeping, as the product makes them."""

from datetime import datetime, timezone

import cv2
import numpy as np

from devices.frame import Frame
from masking.masked_frame import MaskedFrame
from masking.masker import Masker
from masking.settings import MaskingSettings
from models.prediction import ModelId, Prediction
from uploader.choosing.choice import Choice

QUALITY = 90
SIDE = (1280, 720)
CLASSES = 43


def masked(coarse: tuple[int, int] = (12, 20), size: tuple[int, int] = SIDE) -> MaskedFrame:
    """Blurred colours with a little noise; 720p of these is a JPEG of about 100 KB."""
    rng = np.random.default_rng(0)
    colours = rng.integers(0, 256, (*coarse, 3), dtype=np.uint8)
    smooth = cv2.resize(colours, size, interpolation=cv2.INTER_CUBIC)
    noisy = smooth + rng.normal(0, 1, smooth.shape)
    pixels = np.clip(noisy, 0, 255).astype(np.uint8)
    exempt = Masker(None, MaskingSettings(), exempt="a benchmark without people")
    return exempt.mask_alone(Frame(pixels, "shelf", 0, datetime.now(timezone.utc), 0.0))


def small() -> MaskedFrame:
    """A JPEG of about 2 KB."""
    return masked(size=(64, 48))


def prediction() -> Prediction:
    """Of 43 classes, as of a shop."""
    scores = np.random.default_rng(0).dirichlet(np.ones(CLASSES)).round(6).tolist()
    labels = tuple(f"class {n}" for n in range(CLASSES))
    return Prediction(labels, tuple(scores), 0.5, ModelId("shop", "1", "0" * 64, "none"))


def choice(value: float = 0.5) -> Choice:
    """Kept because the network was not sure."""
    return Choice(("low_confidence",), by="low_confidence", value=value)
