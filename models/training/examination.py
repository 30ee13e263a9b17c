"""How well an exported classifier does on pictures that it never saw."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from devices.simulated.greenhouse import CLASSES
from models.backend import Backend
from models.bundles.manifest import Input
from models.preprocess import lookup
from models.training.pictures import Pictures, bins

SURE = 0.9
UNSURE = 0.7


def scores(backend: Backend, rules: Input, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Probabilities (n, classes) of images that are already in the network's size and colours."""
    table, out = lookup(rules, backend.input), backend.outputs[0]
    rows = [backend.run(table[image, np.arange(3)][np.newaxis])[0][0] for image in images]
    steps = np.stack(rows).astype(np.float32)
    return np.asarray((steps - out.zero_point) * np.float32(out.scale), np.float32)


def examine(made: NDArray[np.float32], pictures: Pictures) -> dict[str, Any]:
    """Accuracy, confusion and confidence, in all and by difficulty."""
    right = made.argmax(axis=1) == pictures.classes
    confidence = made.max(axis=1)
    by_difficulty = {
        name: _row(right[part], confidence[part]) for name, part in bins(pictures.difficulties)
    }
    return {
        **_row(right, confidence),
        "calibration_error": _calibration_error(right, confidence),
        "by_difficulty": by_difficulty,
        "confusion": _confusion(made.argmax(axis=1), pictures.classes),
    }


def _row(right: NDArray[np.bool_], confidence: NDArray[np.float32]) -> dict[str, float]:
    return {
        "pictures": len(right),
        "accuracy": round(float(right.mean()), 4),
        "mean_confidence": round(float(confidence.mean()), 4),
        f"share_above_{SURE}": round(float((confidence > SURE).mean()), 4),
        f"share_below_{UNSURE}": round(float((confidence < UNSURE).mean()), 4),
    }


def _calibration_error(right: NDArray[np.bool_], confidence: NDArray[np.float32]) -> float:
    """Mean distance of confidence and accuracy over ten bins of confidence."""
    tenth = np.minimum((confidence * 10).astype(int), 9)
    gaps = [
        abs(float(right[tenth == i].mean() - confidence[tenth == i].mean())) * (tenth == i).mean()
        for i in np.unique(tenth)
    ]
    return round(float(sum(gaps)), 4)


def _confusion(said: NDArray[np.int64], true: NDArray[np.int64]) -> Mapping[str, Mapping[str, int]]:
    """True class → said class → pictures."""
    return {
        name: {other: int(((true == i) & (said == j)).sum()) for j, other in enumerate(CLASSES)}
        for i, name in enumerate(CLASSES)
    }
