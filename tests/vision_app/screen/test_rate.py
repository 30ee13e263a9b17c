"""Frames per second, from successive accounts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision_app.screen.rate import WINDOW_S, Count, followed, per_second

pauses_s = st.lists(st.floats(0.01, 3.0), min_size=1, max_size=60)
steps = st.lists(st.tuples(st.floats(0.0, 3.0), st.integers(0, 1000)), min_size=1, max_size=60)


def history(counts: list[Count]) -> tuple[Count, ...]:
    """What is remembered after all of them."""
    remembered: tuple[Count, ...] = ()
    for count in counts:
        remembered = followed(remembered, count)
    return remembered


def totals(grown: list[tuple[float, int]]) -> list[Count]:
    at_s, total, counts = 100.0, 0, []
    for pause_s, more in grown:
        at_s, total = at_s + pause_s, total + more
        counts.append(Count(at_s, total))
    return counts


@given(st.floats(0.5, 120.0), pauses_s)
def test_a_steady_camera_has_its_rate_within_one_frame(fps: float, pauses: list[float]) -> None:
    at_s, counts = 0.0, [Count(0.0, 0)]
    for pause_s in pauses:
        at_s += pause_s
        counts.append(Count(at_s, int(at_s * fps)))
    remembered = history(counts)
    rate = per_second(remembered)
    assert rate is not None
    assert abs(rate - fps) <= 1.001 / (remembered[-1].at_s - remembered[0].at_s)


@given(steps)
def test_only_the_last_seconds_are_remembered_and_now_is_among_them(
    grown: list[tuple[float, int]],
) -> None:
    counts = totals(grown)
    remembered = history(counts)
    assert remembered[-1] == counts[-1]
    assert remembered[-1].at_s - remembered[0].at_s <= WINDOW_S
    assert list(remembered) == [c for c in counts if counts[-1].at_s - c.at_s <= WINDOW_S]


@given(steps)
def test_a_rate_is_never_negative(grown: list[tuple[float, int]]) -> None:
    rate = per_second(history(totals(grown)))
    assert rate is None or rate >= 0


def test_a_camera_that_stands_still_comes_down_to_nothing() -> None:
    remembered = history([Count(0.0, 0), Count(4.0, 120), Count(8.0, 120), Count(12.0, 120)])
    assert per_second(remembered) == 0.0


@pytest.mark.parametrize("counts", [(), (Count(1.0, 5),), (Count(1.0, 5), Count(1.0, 9))])
def test_where_no_time_has_passed_there_is_no_rate(counts: tuple[Count, ...]) -> None:
    assert per_second(counts) is None
