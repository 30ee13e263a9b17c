"""Counts how the inputs of `vision-app mask` ended, and says it in a line or as JSON."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from vision_app.mask.naming import shown
from vision_app.mask.report import End, Outcome

MAX_NAMED = 1000
"""So many inputs without an output are named in the sum; --report names all."""

_WORDS: Mapping[End, str] = {
    End.MASKED: "masked",
    End.BROKEN: "broken",
    End.REDACTED: "not masked because a detector failed",
    End.WITHHELD: "withheld",
    End.EXISTS: "not overwritten",
    End.NOT_WRITTEN: "not written",
    End.LEFT_OUT: "left out",
    End.STOPPED: "not begun",
}


class Tally:
    """How many ended in which way, and which have no output."""

    def __init__(self) -> None:
        self._ends: Counter[End] = Counter()
        self._named: list[dict[str, str]] = []
        self.faces = 0

    def add(self, outcome: Outcome) -> None:
        """One more that ended."""
        self._ends[outcome.end] += 1
        self.faces += outcome.report.faces if outcome.report else 0
        if outcome.end is not End.MASKED and len(self._named) < MAX_NAMED:
            name, end = shown(outcome.name), outcome.end.value
            self._named.append({"input": name, "end": end, "why": outcome.why})

    @property
    def counts(self) -> dict[str, int]:
        """Inputs by the name of their end, every end with its number."""
        return {end.value: self._ends[end] for end in End}

    @property
    def good(self) -> bool:
        """Whether every picture and video has its output, and there was one at all."""
        wanted = self._ends.total() - self._ends[End.LEFT_OUT]
        return self._ends[End.MASKED] == wanted > 0

    @property
    def sentence(self) -> str:
        """For people."""
        parts = [f"{self._ends[end]} {word}" for end, word in _WORDS.items() if self._ends[end]]
        if not parts:
            return "there was nothing to mask"
        return ", ".join(parts) + f"; {self.faces} face{'s' * (self.faces != 1)} covered"

    def as_values(self) -> dict[str, Any]:
        """For scripts."""
        return {"counts": self.counts, "faces": self.faces, "without_output": self._named}
