"""What the name of an entry's file says, so that a hundred thousand need not be opened to start.

    <id>.<chain>-<number>.<value>.<day>.<size>.entry
    019c1482-8000-7abc-8def-0123456789ab.1f2e3d4c-42.57.133.104882.entry    a frame
    019c1482-8000-7abc-8def-0123456789ab.-.99.133.20482.entry               readings of a sensor
    019c1482-8000-7abc-8def-0123456789ab.-.-.133.3122.entry                 records of frames

A name is trusted for counting and for order only. Whether it is true is seen when the file is read.
"""

import re
from typing import Literal, NamedTuple

Lane = Literal["frames", "readings"]
"""Frames with their records, and files of readings: each may have to wait while the other goes."""
LANES: tuple[Lane, ...] = ("frames", "readings")

ENTRY = ".entry"
CHAIN_DIGITS = 8

_COUNT = r"(0|[1-9][0-9]{0,14})"
_FORM = re.compile(
    r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
    rf"\.(?:([0-9a-f]{{{CHAIN_DIGITS}}})-([1-9][0-9]{{0,14}})|-)"
    rf"\.(?:(0|[1-9][0-9]?)|-)\.{_COUNT}\.{_COUNT}\.entry"
)


class EntryName(NamedTuple):
    """The name of an entry; the oldest sorts first.

    chain: the first 8 digits of a frame's chain of receipts, else empty. number: in that chain,
    else 0. value: 0..99, what a label of it would be worth; None for what is never let go.
    day: of its acceptance, by the steady clock. size: bytes of the file.
    """

    id: str
    chain: str
    number: int
    value: int | None
    day: int
    size: int

    @property
    def lane(self) -> Lane:
        """With whom it waits. Readings belong to no chain, and can be let go."""
        return "frames" if self.chain or self.value is None else "readings"

    def __str__(self) -> str:
        link = f"{self.chain}-{self.number}" if self.chain else "-"
        value = "-" if self.value is None else self.value
        return f"{self.id}.{link}.{value}.{self.day}.{self.size}{ENTRY}"


def entry_name(text: str) -> EntryName | None:
    """What the name of a file says; None where it is not exactly such a name."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    id, chain, number, value, day, size = found.groups()
    worth = None if value is None else int(value)
    return EntryName(id, chain or "", int(number or 0), worth, int(day), int(size))
