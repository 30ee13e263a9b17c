"""Looks are lent to one thread at a time, and are opened only when none is free."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

import pytest

from tests.vision_app.mask.crews import looks
from vision_app.mask.crew import Crew
from vision_app.mask.looks import Looks


class Opened:
    """Opens looks, and counts."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> Looks:
        self.count += 1
        return looks()


def test_one_that_is_free_is_lent_again_and_another_opened_only_beside_it() -> None:
    opened = Opened()
    with closing(Crew(opened)) as crew:
        with crew.one() as first:
            pass
        with crew.one() as again:
            assert again is first
            assert opened.count == 1
            with crew.one() as second:
                assert second is not first
        with crew.one() as one, crew.one() as other:
            assert {id(one), id(other)} == {id(first), id(second)}
        assert opened.count == 2


def test_threads_at_the_same_time_have_each_their_own() -> None:
    together = Barrier(3)
    with closing(Crew(Opened())) as crew, ThreadPoolExecutor(3) as pool:

        def lent() -> int:
            with crew.one() as mine:
                together.wait(timeout=10)
                return id(mine)

        assert len({run.result() for run in [pool.submit(lent) for _ in range(3)]}) == 3


def test_looks_come_back_from_a_thread_that_failed() -> None:
    opened = Opened()
    with closing(Crew(opened)) as crew:
        with pytest.raises(ZeroDivisionError), crew.one():
            raise ZeroDivisionError
        with crew.one():
            assert opened.count == 1
