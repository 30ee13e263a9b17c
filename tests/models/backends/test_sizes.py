"""For which sizes of its inputs a network is compiled."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from models.backends.sizes import SLOW_S, Shape, Sizes
from models.errors import ModelError

ANY = (1, 3, -1, -1)
COMPILING_S = 0.02


def sizes(few: int) -> tuple[Sizes[str], list[Shape]]:
    """And for which it was compiled, in turn."""
    compiled: list[Shape] = []

    def compile_for(shape: Shape) -> str:
        compiled.append(shape)
        Event().wait(COMPILING_S)
        return str(shape)

    return Sizes(compile_for, ANY, few), compiled


def test_each_of_few_sizes_has_its_own_and_what_comes_after_them_shares_one() -> None:
    some, compiled = sizes(few=2)
    lying, standing, square, small = (1, 3, 2, 3), (1, 3, 3, 2), (1, 3, 3, 3), (1, 3, 1, 1)
    for shape in (lying, standing, lying, square, small, standing, square):
        own = shape in (lying, standing)
        assert some.fitting(shape) == str(shape if own else ANY)
    assert compiled == [lying, standing, ANY]


def test_without_any_few_there_is_one_for_all() -> None:
    some, compiled = sizes(few=0)
    assert {some.fitting((1, 3, side, side)) for side in range(1, 9)} == {str(ANY)}
    assert compiled == [ANY]


def test_on_a_slow_machine_nobody_who_waits_for_an_answer_waits_for_the_compiler() -> None:
    now_s, compiled = [0.0], list[Shape]()

    def slowly(shape: Shape) -> str:
        compiled.append(shape)
        now_s[0] += SLOW_S * 1.1
        return str(shape)

    some = Sizes(slowly, ANY, few=3, clock=lambda: now_s[0])
    first, second = (1, 3, 2, 3), (1, 3, 3, 2)
    assert some.fitting(first) == str(first)
    assert compiled == [first, ANY], "before anybody waits"
    assert [some.fitting(second), some.fitting(first)] == [str(ANY), str(first)]
    assert compiled == [first, ANY]


def test_who_has_one_size_pays_for_no_other_however_slow_the_machine() -> None:
    now_s = iter([0.0, SLOW_S * 2])
    compiled: list[Shape] = []
    some = Sizes(compiled.append, ANY, few=1, clock=lambda: next(now_s))
    some.fitting((1, 3, 2, 3))
    assert compiled == [(1, 3, 2, 3)]


def test_threads_that_come_at_once_compile_it_once() -> None:
    some, compiled = sizes(few=1)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: some.fitting((1, 3, 8, 8)), range(8)))
    assert compiled == [(1, 3, 8, 8)]


def test_a_closed_one_is_an_error() -> None:
    some, _ = sizes(few=1)
    some.fitting(ANY)
    some.close()
    some.close()
    with pytest.raises(ModelError, match="closed: open it again"):
        some.fitting(ANY)
