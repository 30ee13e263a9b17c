"""Labelled pictures whose best temperature for the colour network is known, drawn with a seed."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from tests.models.networks import COLOURS

GAIN = 10.0
"""That of colour_network where nothing else is said."""


def drawn_colours(frames: int, temperature: float) -> Iterator[tuple[np.ndarray, str]]:
    """Plain pictures, and labels that are as often true as the network says at that temperature."""
    rng = np.random.default_rng(5)
    for _ in range(frames):
        color = rng.integers(0, 256, 3)
        logits = color / 255 * GAIN / temperature
        label = COLOURS[int((logits + rng.gumbel(size=3)).argmax())]
        yield np.full((6, 8, 3), color, np.uint8), label


def label_folders(where: Path, frames: int, temperature: float) -> Path:
    """Writes them into a folder per label."""
    for label in COLOURS:
        (where / label).mkdir(parents=True)
    for number, (picture, label) in enumerate(drawn_colours(frames, temperature)):
        assert cv2.imwrite(str(where / label / f"{number}.png"), picture)
    return where
