"""What a label of one frame would be worth: of those that wait, the least goes first."""

from collections import Counter

WEIGHTS = (0.5, 0.3, 0.2)
MAX_LABELS, MAX_COUNT = 4096, 10_000


def value(uncertainty: float, novelty: float, rarity: float) -> float:
    """0..1 from three of 0..1: how unsure the model is, how unlike what was kept, how rare.

    The weighted mean; it rises with each of the three and hides none of them.
    """
    parts = zip(WEIGHTS, (uncertainty, novelty, rarity), strict=True)
    return sum(weight * min(1.0, max(0.0, part)) for weight, part in parts)


class ClassCounts:
    """How many frames of each label were kept of late."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def kept(self, label: str) -> None:
        """Counts one; beyond MAX_COUNT all are halved, so that what is long ago weighs less."""
        self._counts[label] += 1
        if self._counts.total() > MAX_COUNT or len(self._counts) > MAX_LABELS:
            halved = {label: count // 2 for label, count in self._counts.items() if count > 1}
            self._counts = Counter(halved)

    def rarity(self, label: str) -> float:
        """1 of a label that was never kept, 0.5 of one with its fair share, down to 0."""
        if not self._counts:
            return 1.0
        fair = self._counts.total() / len(self._counts)
        return fair / (fair + self._counts[label])
