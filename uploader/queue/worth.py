"""What an entry that waits is worth: the least valuable goes first when there is no room."""

from math import inf, log2

from uploader.queue.entry_name import EntryName

HALF_LIFE_DAYS = 7.0
"""A frame that waited a week longer is worth half: what a camera sees now teaches more."""


def worth(name: EntryName) -> float:
    """The binary logarithm of (value + 1) * 2 ** (day / HALF_LIFE_DAYS); only good to compare.

    All fade alike, so of two entries the same one is worth more today and next year: an order that
    was made once holds. Infinite for what is never let go.
    """
    if name.value is None:
        return inf
    return log2(name.value + 1) + name.day / HALF_LIFE_DAYS


def part(name: EntryName, of: EntryName) -> float:
    """What one entry is worth, as a multiple of another."""
    return float(2.0 ** min(worth(name) - worth(of), 64.0))
