"""How many scenes a budget of labels covers where each scene is seen many times.

Every scene is a photograph, seen twelve times: brighter and darker, moved by a few pixels, with a
sensor's noise. All come in random order to a head that was trained on other photographs. There are
as many labels as there are scenes in which the device keeps anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.labels.device import Device
from benchmarks.labels.head import trained
from benchmarks.labels.shop import Extractor, Shop, picture
from uploader.choosing.settings import DuplicateSettings, KeepSettings

TIMES, SCENES, LABELLED = 12, 150, 200
SHIFT, GAIN, NOISE = 4.0, 0.12, 4.0
"""Pixels, share and grey levels (standard deviations; gain: up to)."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Scenes covered by the same number of labels, without suppression and with it."""

    labels: int
    without: int
    suppressed: int


def coverages(shop: Shop, seeds: Sequence[int]) -> list[Coverage]:
    """One for each seed."""
    extract = Extractor()
    return [_coverage(shop, seed, extract) for seed in seeds]


def _coverage(shop: Shop, seed: int, extract: Extractor) -> Coverage:
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(shop.truth))
    known, scenes = order[:LABELLED], order[LABELLED : LABELLED + SCENES]
    head = trained(shop.embeddings[known], shop.truth[known], len(shop.names), LABELLED)
    scene = rng.permutation(np.repeat(np.arange(SCENES), TIMES))
    seen = np.stack([extract(_seen(picture(shop.files[scenes[one]]), rng)) for one in scene])

    def covered(suppress: bool, labels: int) -> int:
        keep = KeepSettings(duplicates=DuplicateSettings(enabled=suppress))
        kept = list(Device(shop.names, keep).keeps(head, seen, labels))
        return len(np.unique(scene[kept]))

    labels = covered(suppress=False, labels=len(seen))
    return Coverage(labels, covered(False, labels), covered(True, labels))


def _seen(pixels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """The photograph once more, by a camera on a shaking shelf."""
    height, width = pixels.shape[:2]
    x, y = rng.normal(0, SHIFT, 2)
    moved = cv2.warpAffine(
        pixels, np.array([[1, 0, x], [0, 1, y]]), (width, height), borderMode=cv2.BORDER_REPLICATE
    )
    noisy = moved * rng.uniform(1 - GAIN, 1 + GAIN) + rng.normal(0, NOISE, moved.shape)
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)
