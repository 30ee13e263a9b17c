"""Labelled pictures whose best temperature for the colour network is known, drawn with a seed."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from models.scores import sigmoid
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


def label_rows(where: Path, frames: int, temperature: float) -> Path:
    """Writes pictures and a CSV of them: each label is there or not, for itself."""
    where.mkdir(parents=True)
    rng, lines = np.random.default_rng(5), ["file,label"]
    for number in range(frames):
        color = rng.integers(0, 256, 3)
        assert cv2.imwrite(str(where / f"{number}.png"), np.full((6, 8, 3), color, np.uint8))
        there = rng.random(3) < sigmoid(color / 255 * GAIN / temperature)
        shown = [label for label, shows in zip(COLOURS, there, strict=True) if shows]
        lines += [f"{number}.png,{label}" for label in shown or [""]]
    (where / "labels.csv").write_text("\n".join(lines))
    return where / "labels.csv"


def label_folders(where: Path, frames: int, temperature: float) -> Path:
    """Writes them into a folder per label."""
    for label in COLOURS:
        (where / label).mkdir(parents=True)
    for number, (picture, label) in enumerate(drawn_colours(frames, temperature)):
        assert cv2.imwrite(str(where / label / f"{number}.png"), picture)
    return where
