"""One line of the table of leaks, and what a part of the measurement is asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

DATA = Path(__file__).parents[2].parent / "shared" / "data"
"""Photographs, videos and weights that are not part of this repository."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of deface, the same of ours, and what it should be; as printed.

    beside: masked area, false masks and whatever else says what the figure was bought with.
    """

    what: str
    deface: str
    ours: str
    to_reach: str
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """every: take every n-th photograph, frame or run; 1 takes all, 10 is for a quick look."""

    every: int = 1


class Part(Protocol):
    """What each module of a part offers: `rows`, which yields its figures as they are ready."""

    def rows(self, asked: Asked) -> Iterator[Row]:
        """Measures; what it runs on is in `DATA`."""
