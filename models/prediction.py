"""What a classifier thinks of one picture."""

import heapq
import math
from dataclasses import dataclass, field
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ModelId:
    """Which model said it; sha256 is that of its weights, backend the runtime and where it ran."""

    name: str
    version: str
    sha256: str
    backend: str


@dataclass(frozen=True, slots=True)
class Prediction:
    """The full score vector of one picture.

    scores: one probability per label, in the order of labels, uncalibrated, summing to about 1
    (of a multi-label network each is its own).
    confidence: calibrated probability of the best label (equal to its score while uncalibrated).
    embedding: (n,) float32, read-only, what the network makes of the picture before it names it:
    close for pictures that look alike. None unless the bundle names that output.
    """

    labels: tuple[str, ...]
    scores: tuple[float, ...]
    confidence: float
    model: ModelId
    embedding: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.labels or len(self.labels) != len(self.scores):
            raise ValueError(f"{len(self.labels)} labels do not fit {len(self.scores)} scores")
        if not math.isfinite(sum(self.scores)):
            raise ValueError("scores must be finite numbers")
        if self.embedding is not None and self.embedding.flags.writeable:
            raise ValueError("an embedding must be read-only")

    @property
    def label(self) -> str:
        """The best label."""
        return self.labels[self.scores.index(max(self.scores))]

    @property
    def margin(self) -> float:
        """Best score minus the second best; the best score itself where there is one label."""
        best, *second = heapq.nlargest(2, self.scores)
        return best - sum(second)

    @property
    def entropy(self) -> float:
        """Shannon entropy of the scores in nats."""
        return -sum([p * math.log(p) for p in self.scores if p > 0])

    def top(self, count: int) -> tuple[tuple[str, float], ...]:
        """The `count` best (label, score), best first; equal ones keep the order of the labels."""
        pairs = zip(self.labels, self.scores, strict=True)
        return tuple(heapq.nlargest(count, pairs, key=itemgetter(1)))
