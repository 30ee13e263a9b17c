"""Whether one more entry fits into the spool, and what would have to go first."""

from collections.abc import Iterable
from dataclasses import dataclass

from uploader.lines.tombstone import Reason
from uploader.queue.entry_name import EntryName
from uploader.queue.waiting import Backlog
from uploader.queue.worth import part
from uploader.settings import SpoolSettings

MOST_AT_ONCE = 100
"""Entries that may go for one that comes."""

ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Lack:
    """What there is too little of: so many entries and bytes have to go. why: as a clause."""

    reason: Reason
    entries: int
    size_bytes: int
    why: str


def lack(settings: SpoolSettings, taken: Backlog, free_bytes: int, size: int) -> Lack | None:
    """What there is too little of for an entry of that size; None where it fits.

    taken: everything that counts against the bounds. free_bytes: of the disk.
    """
    entries = taken.entries + 1 - settings.max_count
    over = taken.size_bytes + size - settings.max_bytes
    short = settings.min_free_bytes + size - free_bytes
    missing = max(entries, 0), max(over, short, 0)
    if entries > 0:
        return Lack("max_count", *missing, f"max_count allows {settings.max_count} entries")
    if over > 0:
        why = f"max_bytes allows {settings.max_bytes} bytes and {taken.size_bytes} are taken"
        return Lack("max_bytes", *missing, why)
    if short > 0:
        why = f"min_free_bytes keeps {settings.min_free_bytes} bytes of the disk free"
        return Lack("min_free_bytes", *missing, why)
    return None


def worth_less(least: Iterable[EntryName], lack: Lack, new: EntryName) -> list[EntryName]:
    """The first of the least valuable that make room, if all together are worth less than the new.

    Else none: also where a bound was lowered, or another program fills the disk, so that much would
    have to go for little.
    """
    going: list[EntryName] = []
    entries, size_bytes, parts = lack.entries, lack.size_bytes, 0.0
    for name in least:
        parts += part(name, new)
        if parts > 1 - ROUNDING or len(going) == MOST_AT_ONCE:
            return []
        going.append(name)
        entries, size_bytes = entries - 1, size_bytes - name.size
        if entries <= 0 and size_bytes <= 0:
            return going
    return []
