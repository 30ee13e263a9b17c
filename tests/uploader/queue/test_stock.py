from collections.abc import Callable

import pytest

from uploader.queue.doubtful import MOST
from uploader.queue.entry_name import EntryName
from uploader.queue.least import WINDOW
from uploader.queue.stock import Stock


def name(number: int, value: int = 50) -> EntryName:
    return EntryName(f"{number:08x}-0000-7000-8000-{number:012x}", "0" * 8, number + 1, value, 0, 1)


def sent_and_lost(stock: Stock, first: EntryName) -> None:
    assert stock.oldest() == first
    stock.postpone(first, in_doubt=True)


def being_sent(stock: Stock, first: EntryName) -> None:
    assert stock.oldest() == first


def spared(stock: Stock, first: EntryName) -> None:
    stock.spare([first.id])


@pytest.mark.parametrize("keep", [sent_and_lost, being_sent, spared])
@pytest.mark.parametrize("early", [True, False])
def test_what_may_not_go_hides_nothing_that_may(
    keep: Callable[[Stock, EntryName], None], early: bool
) -> None:
    """Though it is worth least, and memory holds a part of what waits only."""
    there = [name(number, value=0 if number == 0 else 50) for number in range(WINDOW + 50)]
    stock = Stock(lambda: there)
    stock.refill(there)
    first, others = there[0], there[1:]
    if not early:
        assert next(stock.least()) == first
    keep(stock, first)
    for other in others:
        assert next(stock.least()) == other
        stock.hold([other])
        there.remove(other)
        stock.gone(other, there=True)
    assert list(stock.least()) == []


def test_what_was_refused_clearly_may_go_again_and_what_is_in_doubt_never() -> None:
    there = [name(0), name(1)]
    stock = Stock(lambda: there)
    stock.refill(there)
    assert list(stock.least()) == there
    for _ in there:
        taken = stock.oldest()
        assert taken is not None
        stock.postpone(taken, in_doubt=taken == there[0])
    assert list(stock.least()) == [there[1]]
    assert list(stock.older_than(1)) == [there[1]]
    assert stock.oldest() == there[0]
    stock.postpone(there[0])
    assert list(stock.least()) == [there[1]], "a refusal does not say that it is not there"


def test_what_is_taken_again_before_it_was_said_what_came_of_it_is_in_doubt() -> None:
    """As where the store took it, and the disk did not take the line about it."""
    there = [name(0), name(1)]
    stock = Stock(lambda: there)
    stock.refill(there)
    for _ in range(2):
        assert stock.oldest() == there[0]
    stock.postpone(there[0])
    assert list(stock.least()) == [there[1]]


def test_with_too_many_in_doubt_only_these_are_sent_each_in_its_turn() -> None:
    there = [name(number) for number in range(MOST + 2)]
    stock = Stock(lambda: there)
    stock.refill(there)
    for lost in there[:MOST]:
        sent_and_lost(stock, lost)
    for again in there[:2]:
        assert stock.oldest() == again
        stock.postpone(again)
    assert stock.oldest() == there[2]
    stock.gone(there[2], there=True)
    assert stock.oldest() == there[MOST]
