"""How a line of text becomes a time and values, by signal."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Told:
    """What a line says. at: UTC, None where it has no time. raw: as written, by signal name."""

    at: datetime | None
    raw: Mapping[str, object]


class Form(Protocol):
    """How the lines of a file are written."""

    def begin(self, line: str) -> bool:
        """Takes the first line of a file; whether it is a header, which tells no values.

        Raises DeviceUnavailable with a sentence when the file cannot be read with it.
        """

    def told(self, line: str) -> Told | None:
        """What a line says; None when it is damaged."""
