"""One line of the table of speeds, and what a part of the measurement is asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from masking.settings import MaskingSettings


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured, what it should be, and what it was; as printed.

    beside: whatever else says what the figure means.
    """

    what: str
    to_reach: str
    measured: str
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """folder: for films, events and spools. quick: a part of the work, for a look.

    masking: by default, with the detector that "auto" took here, so that all sides have the same.
    """

    folder: Path
    quick: bool
    masking: MaskingSettings

    def some(self, whole: int, part: int) -> int:
        """How many, or for how many seconds."""
        return part if self.quick else whole


class Part(Protocol):
    """What each module of a part offers: `rows`, which yields its figures as they are ready."""

    def rows(self, asked: Asked) -> Iterator[Row]:
        """Measures."""
