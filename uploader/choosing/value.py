"""What a label of one frame would be worth: of the frames that wait, the least goes first."""

from collections import Counter
from collections.abc import Mapping

UNSURE, NEW, RARE = 0.5, 0.3, 0.2
"""What each of the three counts for."""
MAX_LABELS, MAX_COUNT = 4096, 10_000


def value(uncertainty: float, novelty: float, rarity: float) -> float:
    """0..1 from three of 0..1; it never falls when one of them rises.

    uncertainty: how unsure the model is; uncertainty sampling (Lewis and Gale, 1994), by the
    margin (Scheffer et al., 2001). novelty: how unlike all that was kept; what a core-set asks for
    (Sener and Savarese, 2018), since the uncertain alone are much alike. rarity: how few frames of
    its class were kept; classes are weighed so when few of some are there (Cui et al., 2019).
    Their weighted mean, so that none of them is the end of a frame that the others speak for.
    """
    parts = ((UNSURE, uncertainty), (NEW, novelty), (RARE, rarity))
    return sum(weight * min(1.0, max(0.0, part)) for weight, part in parts)


class ClassCounts:
    """How many frames of each label were kept of late.

    At MAX_COUNT frames or MAX_LABELS labels all numbers are halved, so that what is long ago
    weighs less, and labels of which one was kept are forgotten.
    """

    def __init__(self, counts: Mapping[str, int] | None = None) -> None:
        self._counts = Counter(counts)
        self._total = self._counts.total()

    @property
    def counts(self) -> Mapping[str, int]:
        """Of each label, what was counted."""
        return self._counts

    def kept(self, label: str) -> None:
        """One more frame of a label was kept."""
        self._counts[label] += 1
        self._total += 1
        if self._total >= MAX_COUNT or len(self._counts) >= MAX_LABELS:
            halves = {label: count // 2 for label, count in self._counts.items() if count > 1}
            self._counts = Counter(halves)
            self._total = self._counts.total()

    def rarity(self, label: str) -> float:
        """1 of a label that was never kept, 0.5 of one that has its fair share, down to 0."""
        if not self._counts:
            return 1.0
        fair = self._total / len(self._counts)
        return fair / (fair + self._counts[label])
