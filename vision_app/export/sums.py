"""What became of the records that an export read."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(slots=True)
class Sums:
    """Records: exported, of them exempt from masking, not asked for, seen before; and faults.

    batches: how many were read. faults: batches and records that are damaged, and left out.
    """

    batches: int = 0
    exported: int = 0
    exempt: int = 0
    not_asked_for: int = 0
    seen_before: int = 0
    faults: int = 0

    @property
    def sentence(self) -> str:
        """The sums for a person."""
        exempt = f", {self.exempt} of them from cameras that are exempt from masking"
        done = f"{_many(self.exported, 'frame')} exported{exempt if self.exempt else ''}"
        return f"{done}; {', '.join(self._others())}."

    def _others(self) -> Iterator[str]:
        yield f"{_many(self.batches, 'file')} of records read"
        if self.not_asked_for:
            yield f"{_many(self.not_asked_for, 'record')} not asked for"
        if self.seen_before:
            yield f"{_many(self.seen_before, 'record')} seen before"
        if self.faults:
            yield f"{_many(self.faults, 'fault')}, whose records are left out"


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
