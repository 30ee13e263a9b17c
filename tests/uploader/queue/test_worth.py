from math import inf, isclose

from hypothesis import given
from hypothesis import strategies as st

from tests.uploader.samples import named
from uploader.queue.worth import part, worth

VALUES, DAYS = st.integers(0, 99), st.integers(0, 5000)


def test_a_week_of_waiting_halves_what_a_frame_is_worth() -> None:
    assert isclose(part(named("a", 49, day=0), named("b", 49, day=7)), 0.5)
    assert isclose(part(named("a", 99, day=0), named("b", 49, day=7)), 1.0)
    assert isclose(part(named("a", 24), named("b", 49)), 0.5)


@given(VALUES, VALUES, DAYS)
def test_of_one_day_the_higher_value_is_worth_more(one: int, other: int, day: int) -> None:
    ordered = worth(named("a", one, day)) < worth(named("b", other, day))
    assert ordered == (one < other)


@given(VALUES, DAYS, DAYS)
def test_of_one_value_the_newer_is_worth_more(value: int, one: int, other: int) -> None:
    assert (worth(named("a", value, one)) < worth(named("b", value, other))) == (one < other)


def test_records_are_never_worth_less_than_anything() -> None:
    assert worth(named("a", None)) == inf
    assert part(named("a", None), named("b", 99, day=9999)) > 1
