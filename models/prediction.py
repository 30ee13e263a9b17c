"""What a classifier thinks of one picture."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelId:
    """Which model said it, on which runtime; sha256 is that of its weights."""

    name: str
    version: str
    sha256: str
    backend: str


@dataclass(frozen=True, slots=True)
class Prediction:
    """The full score vector of one picture.

    scores: one probability per label, in the order of labels, uncalibrated, summing to about 1.
    confidence: calibrated probability of the best label (equal to its score while uncalibrated).
    """

    labels: tuple[str, ...]
    scores: tuple[float, ...]
    confidence: float
    model: ModelId

    def __post_init__(self) -> None:
        if not self.labels or len(self.labels) != len(self.scores):
            raise ValueError(f"{len(self.labels)} labels do not fit {len(self.scores)} scores")
        if not all(math.isfinite(score) for score in self.scores):
            raise ValueError("scores must be finite numbers")

    @property
    def label(self) -> str:
        """The best label."""
        return self.top(1)[0][0]

    @property
    def margin(self) -> float:
        """Best score minus the second best; the best score itself where there is one label."""
        best = self.top(2)
        return best[0][1] - (best[1][1] if len(best) > 1 else 0.0)

    @property
    def entropy(self) -> float:
        """Shannon entropy of the scores in nats."""
        return -sum(p * math.log(p) for p in self.scores if p > 0)

    def top(self, count: int) -> tuple[tuple[str, float], ...]:
        """The `count` best (label, score), best first; equal scores keep the order of the labels."""
        ranked = sorted(zip(self.labels, self.scores, strict=True), key=lambda pair: -pair[1])
        return tuple(ranked[:count])
