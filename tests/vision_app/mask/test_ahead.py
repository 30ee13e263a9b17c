"""Things that are made in a thread of their own while those before them are used."""

from collections.abc import Iterator
from contextlib import closing
from threading import Event, current_thread

import pytest

from vision_app.mask.ahead import ahead

LIMIT_S = 10


def test_all_come_in_order_and_from_another_thread() -> None:
    makers = set()

    def made() -> Iterator[int]:
        for number in range(50):
            makers.add(current_thread())
            yield number

    assert list(ahead(made(), 3)) == list(range(50))
    assert len(makers) == 1
    assert current_thread() not in makers


def test_nothing_comes_of_nothing() -> None:
    assert list(ahead(iter(()), 3)) == []


def test_not_more_are_made_ahead_than_asked_for() -> None:
    made, third = [], Event()

    def numbers() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            if number == 3:
                third.set()
            yield number

    with closing(ahead(numbers(), 3)) as items:
        assert next(items) == 0
        assert third.wait(LIMIT_S), "one is made for each that was taken"
        assert len(made) == 4


def test_what_breaks_is_raised_in_its_turn() -> None:
    def breaks() -> Iterator[int]:
        yield 1
        raise KeyError("two")

    with closing(ahead(breaks(), 3)) as items:
        assert next(items) == 1
        with pytest.raises(KeyError, match="two"):
            next(items)


def test_its_thread_ends_when_it_is_closed() -> None:
    maker = []

    def endless() -> Iterator[int]:
        while True:
            maker.append(current_thread())
            yield 0

    items = ahead(endless(), 2)
    next(items)
    items.close()
    assert not maker[0].is_alive()
