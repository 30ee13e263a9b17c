import pytest

from tests.uploader.samples import named
from uploader.queue.bounds import MOST_AT_ONCE, Lack, lack, worth_less
from uploader.queue.entry_name import EntryName
from uploader.queue.waiting import Backlog
from uploader.settings import SpoolSettings

BOUNDS = SpoolSettings(max_count=10, max_bytes=1 << 20, min_free_bytes=1000)


@pytest.mark.parametrize(
    ("taken", "free", "reason", "entries", "size_bytes"),
    [
        (Backlog(9, 0), 1100, None, 0, 0),
        (Backlog(9, (1 << 20) - 100), 1100, None, 0, 0),
        (Backlog(10, 0), 5000, "max_count", 1, 0),
        (Backlog(12, 0), 1050, "max_count", 3, 50),
        (Backlog(9, (1 << 20) - 40), 5000, "max_bytes", 0, 60),
        (Backlog(9, (1 << 20) - 40), 1000, "max_bytes", 0, 100),
        (Backlog(9, 0), 1099, "min_free_bytes", 0, 1),
    ],
)
def test_what_there_is_too_little_of_is_named_and_counted(
    taken: Backlog, free: int, reason: str | None, entries: int, size_bytes: int
) -> None:
    found = lack(BOUNDS, taken, free, size=100)
    told = None if found is None else (found.reason, found.entries, found.size_bytes)
    assert told == (None if reason is None else (reason, entries, size_bytes))


def going(least: list[EntryName], new: EntryName, entries: int = 1, size_bytes: int = 0) -> str:
    missing = Lack("max_count", entries, size_bytes, "")
    return "".join(name.id[0] for name in worth_less(least, missing, new))


def test_one_goes_for_one_that_is_worth_more() -> None:
    least = [named("a", 10), named("b", 20)]
    assert going(least, named("c", 11)) == "a"
    assert going(least, named("c", 10)) == ""
    assert going(least, named("c", 5)) == ""


def test_as_many_go_as_make_room_if_together_they_are_worth_less() -> None:
    least = [named("a", 9, size=60), named("b", 9, size=60), named("d", 9, size=60)]
    assert going(least, named("c", 50), 0, 100) == "ab"
    assert going(least, named("c", 19), 0, 100) == ""
    assert going(least, named("c", 21), 0, 100) == "ab"
    assert going(least, named("c", 50), 0, 500) == ""
    assert going(least, named("c", 50), 3, 0) == "abd"


def test_little_is_not_bought_with_much() -> None:
    """As where a bound was lowered by thousands."""
    least = [named("a", 0)] * (MOST_AT_ONCE + 1)
    assert going(least, named("c", 99, day=700), entries=MOST_AT_ONCE)
    assert not going(least, named("c", 99, day=700), entries=MOST_AT_ONCE + 1)
