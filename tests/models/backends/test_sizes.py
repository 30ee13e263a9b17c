"""For which sizes of its inputs a network is compiled."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from models.backends.sizes import Shape, Sizes
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
