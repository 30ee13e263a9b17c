import math
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.anomaly.window import MAX_ROWS, Window

START = datetime(2026, 1, 31, tzinfo=timezone.utc)
Row = tuple[float, dict[str, float]]


def fed(window: Window, rows: list[Row]) -> list[NDArray[np.float64] | None]:
    return [window.update(START + timedelta(seconds=at_s), values) for at_s, values in rows]


def expected(rows: list[Row], signals: tuple[str, ...], window_s: float) -> NDArray[np.float64]:
    """Mean and deviation of the rows in the window that ends with the last, computed plainly."""
    inside = [values for at_s, values in rows if at_s > rows[-1][0] - window_s]
    columns = [[values[s] for values in inside if s in values] for s in signals]
    means = [float(np.mean(c)) if c else math.nan for c in columns]
    deviations = [float(np.std(c)) if len(c) > 1 else math.nan for c in columns]
    return np.array(means + deviations)


def test_nothing_is_said_until_rows_cover_the_window() -> None:
    said = fed(Window(("a",), 3.0), [(float(s), {"a": 1.0}) for s in range(6)])
    assert [x is None for x in said] == [True, True, True, False, False, False]


def test_the_features_are_mean_and_deviation_over_time() -> None:
    rows = [(float(s), {"a": float(s), "b": 7.0}) for s in range(10)]
    last = fed(Window(("a", "b"), 4.0), rows)[-1]
    assert last is not None
    assert last == pytest.approx([7.5, 7.0, np.std([6, 7, 8, 9]), 0.0])


@given(
    steps=st.lists(st.floats(0.01, 4.0), min_size=20, max_size=80),
    present=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=80, max_size=80),
    level=st.sampled_from([0.0, 1e6, -1e-6]),
)
def test_uneven_rows_with_missing_signals_come_to_what_is_in_the_window(
    steps: list[float], present: list[tuple[bool, bool]], level: float
) -> None:
    random = np.random.default_rng(len(steps))
    at_s, rows = 0.0, []
    for step, (a, b) in zip(steps, present, strict=False):
        at_s += step
        values = {"a": level + random.normal()} if a else {}
        rows.append((at_s, values | ({"b": random.normal()} if b else {})))
    rows = [(round(at_s, 6), values) for at_s, values in rows]
    last = fed(Window(("a", "b"), 5.0), rows)[-1]
    if last is not None:
        assert last == pytest.approx(expected(rows, ("a", "b"), 5.0), abs=1e-6, nan_ok=True)


def test_rounding_does_not_grow_over_a_long_run() -> None:
    random = np.random.default_rng(1)
    drift = 1e4 + np.cumsum(random.normal(0, 1, 20_000))
    rows: list[Row] = [(float(i), {"a": float(v)}) for i, v in enumerate(drift)]
    last = fed(Window(("a",), 60.0), rows)[-1]
    assert last == pytest.approx(expected(rows, ("a",), 60.0), rel=1e-9)


@pytest.mark.parametrize("glitch", [4294967295.0, 1e20, -1e99])
@pytest.mark.parametrize("second", [0, 5, 20])
def test_a_number_that_is_far_off_leaves_no_trace_once_it_is_gone(
    glitch: float, second: int
) -> None:
    rows = [(float(s), {"a": glitch if s == second else math.sin(s)}) for s in range(40)]
    last = fed(Window(("a",), 10.0), rows)[-1]
    assert last == pytest.approx(expected(rows, ("a",), 10.0), rel=1e-6)


def test_a_signal_that_is_silent_is_unknown_and_not_zero() -> None:
    rows: list[Row] = [(float(s), {"a": 1.0} | ({"b": 1.0} if s == 9 else {})) for s in range(10)]
    last = fed(Window(("a", "b", "c"), 4.0), rows)[-1]
    assert last is not None
    assert np.isnan(last).tolist() == [False, False, True, False, True, True]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e300])
def test_a_number_that_is_none_counts_as_missing(bad: float) -> None:
    rows = [(float(s), {"a": bad if s == 8 else 2.0}) for s in range(10)]
    assert fed(Window(("a",), 4.0), rows)[-1] == pytest.approx([2.0, 0.0])


def test_after_a_long_gap_the_window_fills_anew() -> None:
    seconds = [0, 1, 2, 3, 4, 100, 101, 102, 103, 104]
    said = fed(Window(("a",), 3.0), [(float(s), {"a": float(s)}) for s in seconds])
    assert [x is not None for x in said] == [False] * 3 + [True] * 2 + [False] * 3 + [True] * 2
    assert said[-1] == pytest.approx([103.0, np.std([102, 103, 104])])


def test_a_late_row_is_left_out() -> None:
    window = Window(("a",), 3.0)
    fed(window, [(float(s), {"a": 1.0}) for s in range(5)])
    assert fed(window, [(3.5, {"a": 1e9})]) == [None]
    assert fed(window, [(5.0, {"a": 1.0})])[0] == pytest.approx([1.0, 0.0])


def test_after_the_clock_was_set_back_it_goes_on() -> None:
    window = Window(("a",), 3.0)
    fed(window, [(float(s), {"a": 1.0}) for s in range(100, 110)])
    said = fed(window, [(float(s), {"a": 2.0}) for s in range(5)])
    assert said[-1] == pytest.approx([2.0, 0.0])


def test_rows_are_bounded_however_fast_they_come() -> None:
    window = Window(("a",), 1e6)
    rows: list[Row] = [(i * 1e-3, {"a": float(i < 100)}) for i in range(MAX_ROWS + 100)]
    fed(window, rows)
    last = fed(window, [(1e6, {"a": 0.0})])[-1]
    assert last == pytest.approx([0.0, 0.0])


@pytest.mark.parametrize(("signals", "window_s"), [((), 1.0), (("a",), 0.0), (("a",), math.inf)])
def test_a_window_without_signals_or_length_is_refused(
    signals: tuple[str, ...], window_s: float
) -> None:
    with pytest.raises(ValueError, match="at least one signal and a length"):
        Window(signals, window_s)
