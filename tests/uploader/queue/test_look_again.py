"""Entries that come back from quarantine, while a process uses the spool."""

from tests.uploader.samples import named
from uploader.queue.stock import Stock
from uploader.queue.waiting import Backlog

A, B, C = (named(letter, value) for letter, value in (("a", 50), ("b", 60), ("c", 10)))


def test_what_has_come_back_waits_and_may_be_let_go() -> None:
    there = [A, B]
    stock = Stock(lambda: there)
    stock.refill(there)
    assert list(stock.least()) == [A, B]
    there.append(C)
    stock.look_again()
    assert stock.waiting == Backlog(3, 3)
    assert list(stock.least()) == [C, A, B]


def test_what_is_about_to_be_let_go_does_not_come_back_with_it() -> None:
    there = [A, B]
    stock = Stock(lambda: there)
    stock.refill(there)
    stock.hold([A])
    there.append(C)
    stock.look_again()
    assert stock.waiting == Backlog(2, 2)
    assert stock.oldest() == B
