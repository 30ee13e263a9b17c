"""The last line of a slot: what it holds, and when that counts."""

import re
from typing import NamedTuple

from uploader.queue.entry_name import EntryName, entry_name

NONE = "-"
_TAIL = re.compile(rb"\n(-|[0-9]+\.slot) ([0-9a-f.-]+\.entry)\n\Z")


class Tail(NamedTuple):
    """before: the slot of the one before it in the chain, where that had not landed, or NONE."""

    before: str
    name: EntryName

    def __bytes__(self) -> bytes:
        return f"\n{self.before} {self.name}\n".encode()


def tail_of(data: bytes) -> Tail | None:
    """What stands behind an entry, in zeros; None where nothing does, or not to its end."""
    told = data.rstrip(b"\0")
    found = _TAIL.search(told, max(0, len(told) - 400))
    if found is None:
        return None
    before, text = (part.decode() for part in found.groups())
    name = entry_name(text)
    return Tail(before, name) if name is not None and name.size == found.start() else None


def without_tail(name: EntryName, data: bytes) -> bytes:
    """The file of the entry, where it was a slot that has not been cut yet; else as it is."""
    if len(data) <= name.size:
        return data
    tail = tail_of(data)
    return data[: name.size] if tail is not None and tail.name == name else data
