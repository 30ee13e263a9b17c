from hypothesis import given
from hypothesis import strategies as st

from tests.uploader.samples import named
from uploader.queue.entry_name import EntryName
from uploader.queue.least import Least
from uploader.queue.worth import worth

LETTERS = "0123456789abcdef"
VALUES = st.lists(st.none() | st.integers(0, 99), min_size=1, max_size=16)


def made(values: list[int | None]) -> list[EntryName]:
    return [named(letter, value) for letter, value in zip(LETTERS, values, strict=False)]


def in_order(names: list[EntryName]) -> list[EntryName]:
    return sorted((n for n in names if n.value is not None), key=lambda n: (worth(n), n.id))


@given(VALUES, st.integers(1, 5), st.integers(0, 16))
def test_the_least_valuable_come_first_and_of_equals_the_oldest(
    values: list[int | None], window: int, found: int
) -> None:
    """However they got there: found on the disk, or added since."""
    names = made(values)
    least = Least(window)
    least.refill(names[:found])
    for name in names[found:]:
        least.add(name)
    seen = list(least)
    assert seen == in_order(names)[: len(seen)]
    assert seen or not in_order(names) or not least.known


@given(VALUES, st.integers(1, 5))
def test_all_are_found_in_order_though_memory_holds_few(
    values: list[int | None], window: int
) -> None:
    there = made(values)
    least, expected = Least(window), in_order(there)
    seen: list[EntryName] = []
    while len(seen) < len(expected):
        if not least.known:
            least.refill(there)
        seen.append(next(iter(least)))
        there.remove(seen[-1])
        least.remove(seen[-1])
    assert seen == expected


@given(VALUES, st.sets(st.integers(0, 15)))
def test_what_was_sent_meanwhile_is_not_named(values: list[int | None], sent: set[int]) -> None:
    names = made(values)
    least = Least(window=4)
    least.refill(names)
    kept = [name for index, name in enumerate(names) if index not in sent]
    for index in sent & set(range(len(names))):
        least.remove(names[index])
    if not least.known:
        least.refill(kept)
    seen = list(least)
    assert seen == in_order(kept)[: len(seen)]
    assert seen or not in_order(kept)


def test_nothing_is_said_before_the_disk_was_looked_at() -> None:
    least = Least()
    least.add(named("a"))
    assert not least.known
    assert list(least) == []


def test_a_new_one_does_not_hide_what_is_worth_less_on_the_disk() -> None:
    names = made([10, 20, 30, 40])
    least = Least(window=2)
    least.refill(names)
    least.remove(names[0])
    least.add(named("e", 50))
    assert list(least) == [names[1]]
    least.add(named("f", 15))
    assert list(least) == [named("f", 15), names[1]]
