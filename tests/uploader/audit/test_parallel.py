import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from uploader.audit.parallel import in_parallel


def test_results_come_in_order_though_work_is_done_side_by_side() -> None:
    both = threading.Barrier(2, timeout=5)

    def work(number: int) -> int:
        both.wait()  # nobody gets past it alone
        return number * number

    with ThreadPoolExecutor(2) as pool:
        assert list(in_parallel(pool, work, range(6), ahead=2)) == [0, 1, 4, 9, 16, 25]


def test_no_more_than_asked_are_begun_ahead_of_the_reader() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    with ThreadPoolExecutor(2) as pool:
        results = in_parallel(pool, str, items(), ahead=3)
        assert next(results) == "0"
        assert taken == [0, 1, 2]
        results.close()  # type: ignore[attr-defined]


def test_a_failure_is_raised_to_the_reader() -> None:
    with ThreadPoolExecutor(2) as pool, pytest.raises(ZeroDivisionError):
        list(in_parallel(pool, lambda number: 1 // number, [1, 0, 1], ahead=2))
