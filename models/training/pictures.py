"""Rendered pictures to learn from and to be examined on, each with its class and difficulty."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import cv2
import numpy as np
from numpy.typing import NDArray

from devices.simulated.greenhouse import CLASSES, render
from models.bundles.manifest import Input
from models.preprocess import fit

SIZES = ((256, 192), (256, 192), (320, 180), (200, 200))
"""Widths and heights that are rendered, so that no aspect of a camera is new."""


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """images: uint8 (n, height, width, 3) in the network's size and colour order.

    classes: int64 (n,), index into CLASSES. difficulties: float32 (n,), 0-1.
    """

    images: NDArray[np.uint8]
    classes: NDArray[np.int64]
    difficulties: NDArray[np.float32]


def pictures(count: int, seed: int, rules: Input, easy: float, processes: int) -> Pictures:
    """Renders `count` pictures, all classes alike; `easy` is the share of difficulty below 0.3."""
    with get_context("spawn").Pool(processes, cv2.setNumThreads, (1,)) as pool:
        make = partial(_picture, seed=seed, rules=rules, easy=easy)
        made = pool.map(make, range(count), chunksize=32)
    images, difficulties = zip(*made, strict=True)
    classes = np.arange(count, dtype=np.int64) % len(CLASSES)
    return Pictures(np.stack(images), classes, np.array(difficulties, np.float32))


def _picture(number: int, seed: int, rules: Input, easy: float) -> tuple[NDArray[np.uint8], float]:
    rng = np.random.default_rng([seed, number])
    low, high = (0.0, 0.3) if rng.random() < easy else (0.3, 1.0)
    difficulty = float(rng.uniform(low, high))
    width, height = SIZES[rng.integers(len(SIZES))]
    label = CLASSES[number % len(CLASSES)]
    image = render(rng, label, width, height, difficulty)
    if rng.random() < 0.15:
        _somebody(rng, image, aside=0.0 if label == "empty" else 0.3)
    return fit(image, rules), difficulty


def _somebody(rng: np.random.Generator, image: NDArray[np.uint8], aside: float) -> None:
    """Somebody in clothes of any colour, the face masked, at least so far aside of the fruit."""
    height, width = image.shape[:2]
    side = float(rng.choice((-1, 1)) * rng.uniform(aside, 0.55))
    x, shoulders = round(width / 2 + side * height), round(rng.uniform(0.5, 0.7) * height)
    half = round(rng.uniform(0.2, 0.4) * height)
    clothes = [int(value) for value in rng.integers(0, 256, 3)]
    cv2.ellipse(image, (x, height), (half, height - shoulders), 0, 0, 360, clothes, -1, cv2.LINE_AA)
    head = round(rng.uniform(0.1, 0.24) * height)
    top, left = max(0, shoulders - 2 * head), max(0, x - head)
    image[top:shoulders, left : max(0, x + head)] = rng.integers(0, 256)


def bins(difficulties: NDArray[np.float32]) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Quarters of the difficulty, by name, and which pictures lie in each."""
    for low in (0.0, 0.25, 0.5, 0.75):
        yield f"{low:.2f}-{low + 0.25:.2f}", (difficulties >= low) & (difficulties < low + 0.25)
