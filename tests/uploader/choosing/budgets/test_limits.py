from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from uploader.choosing.budgets.limits import Taken, Window

LENGTH_S = 60.0

Asks = Sequence[tuple[float, int]]

asks = st.lists(
    st.tuples(st.floats(0.0, 30.0) | st.just(0.0) | st.floats(0.0, 0.01), st.integers(0, 6)),
    max_size=150,
)
"""(seconds after the one before, amount)."""


def granted(window: Window, asked: Asks) -> list[tuple[float, int]]:
    """(when, amount) of what there was room for."""
    at_s, taken = 1e6, []
    for after_s, amount in asked:
        at_s += after_s
        if window.has_room(amount, at_s):
            window.take(amount, at_s)
            taken.append((at_s, amount))
    return taken


@given(asks, st.integers(0, 12), st.integers(1, 60))
def test_no_stretch_of_time_holds_more_than_the_limit(asked: Asks, limit: int, slots: int) -> None:
    taken = granted(Window(limit, LENGTH_S, slots), asked)
    for end_s, _ in taken:
        assert sum(n for at_s, n in taken if end_s - LENGTH_S < at_s <= end_s) <= limit


@given(asks, st.integers(1, 12), st.integers(1, 60))
def test_room_comes_back_one_slot_late_at_most(asked: Asks, limit: int, slots: int) -> None:
    window = Window(limit, LENGTH_S, slots)
    taken = granted(window, asked)
    now_s = 1e6 + sum(after_s for after_s, _ in asked)
    remembered_s = LENGTH_S * (1 + 1 / slots)
    assert window.used(now_s) <= sum(n for at_s, n in taken if at_s > now_s - remembered_s - 1e-6)


@given(asks, st.integers(1, 60))
def test_memory_is_bounded(asked: Asks, slots: int) -> None:
    window = Window(1 << 60, LENGTH_S, slots)
    granted(window, asked)
    assert len(window.taken(0.0)) <= slots + 2


def test_memory_is_bounded_however_much_is_taken() -> None:
    window = Window(1 << 60, LENGTH_S)
    for each in range(100_000):
        window.take(1, each / 100)
    assert len(window.taken(1000.0)) <= 62
    assert 6000 <= window.used(1000.0) <= 6101


def test_a_few_are_remembered_to_the_second() -> None:
    window = Window(2, LENGTH_S)
    for at_s in (0.0, 30.0):
        window.take(1, at_s)
    assert not window.has_room(1, 59.9)
    assert window.has_room(1, 60.0)


def test_more_than_there_was_room_for_is_counted_as_well() -> None:
    window = Window(10, LENGTH_S)
    window.take(25, 0.0)
    assert window.used(1.0) == 25
    assert not window.has_room(0, 1.0)


def test_what_comes_late_counts_as_now() -> None:
    window = Window(2, LENGTH_S)
    window.take(1, 100.0)
    window.take(1, 20.0)
    assert not window.has_room(1, 159.0)
    assert window.has_room(2, 160.0)


def test_it_says_when_there_will_be_room() -> None:
    window = Window(3, LENGTH_S)
    for at_s in (0.0, 10.0, 20.0):
        window.take(1, at_s)
    assert [window.room_in_s(amount, 25.0) for amount in (0, 1, 2, 3, 4)] == [
        0.0, 35.0, 45.0, 55.0, float("inf"),
    ]  # fmt: skip


def test_what_was_taken_can_be_taken_up_again() -> None:
    window, again = Window(3, LENGTH_S), Window(3, LENGTH_S)
    for at_s in (0.0, 10.0, 20.0):
        window.take(1, at_s)
    again.restore(window.taken(61.0))
    assert again.taken(61.0) == (Taken(10.0, 10.0, 1), Taken(20.0, 20.0, 1))
    assert again.has_room(1, 61.0)
    assert not again.has_room(2, 61.0)
