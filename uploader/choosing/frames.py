"""What a policy may know of frames: columns of n rows, of one frame live and of millions replayed.

One code decides for both, so that a replay tells what the device would have done.
"""

from dataclasses import dataclass
from functools import cached_property
from struct import pack

import numpy as np
from numpy.typing import NDArray

from masking.masked_frame import MaskedFrame
from models.prediction import Prediction

TINY = np.finfo(np.float32).tiny


@dataclass(frozen=True)
class Frames:
    """n masked, classified frames.

    labels: of the classes. scores: (n, classes) float32, raw, whole. confidence: (n,) float64,
    calibrated. faces: (n,) int64, how many were masked. sensors: names of those that may alert.
    alerts: (n,) uint64, bit i is set while an alert of sensors[i] is raised.
    draw: (n,) float64, uniform in 0..1, for what is chosen by chance.
    """

    labels: tuple[str, ...]
    scores: NDArray[np.float32]
    confidence: NDArray[np.float64]
    faces: NDArray[np.int64]
    sensors: tuple[str, ...]
    alerts: NDArray[np.uint64]
    draw: NDArray[np.float64]

    @cached_property
    def best(self) -> NDArray[np.int64]:
        """(n,): index of the best label, the first of equal ones."""
        best: NDArray[np.int64] = self.scores.argmax(axis=1)
        return best

    @cached_property
    def best_score(self) -> NDArray[np.float32]:
        """(n,): the best score."""
        best: NDArray[np.float32] = self.scores.max(axis=1)
        return best

    @cached_property
    def margin(self) -> NDArray[np.float32]:
        """(n,): best score minus the second best; the best score where there is one label."""
        if self.scores.shape[1] < 2:
            return self.best_score
        top = np.partition(self.scores, -2, axis=1)[:, -2:]
        margin: NDArray[np.float32] = top[:, 1] - top[:, 0]
        return margin

    @cached_property
    def entropy(self) -> NDArray[np.float32]:
        """(n,): Shannon entropy of the scores in nats."""
        scores = np.maximum(self.scores, TINY)
        entropy: NDArray[np.float32] = -(self.scores * np.log(scores)).sum(axis=1)
        return entropy


def one(
    masked: MaskedFrame, prediction: Prediction, sensors: tuple[str, ...], alerts: int, draw: float
) -> Frames:
    """The frame that has just come; alerts: bit i is set while one of sensors[i] is raised.

    Of 1,001 classes, packing takes a quarter of the time that numpy takes to walk a tuple.
    """
    packed = pack(f"{len(prediction.scores)}d", *prediction.scores)
    return Frames(
        labels=prediction.labels,
        scores=np.frombuffer(packed).astype(np.float32)[np.newaxis],
        confidence=np.array([prediction.confidence], np.float64),
        faces=np.array([masked.faces], np.int64),
        sensors=sensors,
        alerts=np.array([alerts], np.uint64),
        draw=np.array([draw], np.float64),
    )
