"""Adds up what a device lost, although its own count begins again whenever it is opened."""

from collections import Counter
from collections.abc import Mapping


class Losses:
    """The losses of one device over all its openings, by reason."""

    def __init__(self, total: Counter[str]) -> None:
        """total: what is added to."""
        self._total = total
        self._counted: Counter[str] = Counter()

    def opened(self) -> None:
        """The device counts from nothing again."""
        self._counted.clear()

    def count(self, losses: Mapping[str, int]) -> None:
        """Takes the device's count since it was opened."""
        now = Counter(losses)
        self._total.update(now - self._counted)
        self._counted = now
