"""What a window says beside mean and deviation, against what plain arithmetic says."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.anomaly.coverage import covering
from models.anomaly.features import ALL, BANDS, USUAL
from models.anomaly.memory import independent_values, wandering
from models.anomaly.window import Window

Rows = list[tuple[float, list[float]]]


def last(rows: Rows, window_s: float, *features: str) -> NDArray[np.float64]:
    """Of the last row's window, a row per feature and a column per signal."""
    names = tuple(name for name in ALL if name in features)
    window = Window(tuple("abc"[: len(rows[0][1])]), window_s, names)
    for at_s, numbers in rows:
        full = window.take(at_s, numbers)
        said = window.features()
    assert full
    return said.reshape(len(names), -1)


def uneven(count: int, seed: int, signals: int = 2) -> Rows:
    """Rows at uneven intervals, every tenth number missing."""
    random = np.random.default_rng(seed)
    times = np.cumsum(random.uniform(0.05, 0.6, count))
    numbers = np.cumsum(random.normal(size=(count, signals)), axis=0)
    numbers[random.random(numbers.shape) < 0.1] = math.nan
    return list(zip(times.tolist(), numbers.tolist(), strict=True))


def inside(rows: Rows, window_s: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    kept = [(t, x) for t, x in rows if t > rows[-1][0] - window_s]
    return np.array([t for t, _ in kept]), np.array([x for _, x in kept])


@settings(deadline=None, max_examples=25)
@given(count=st.integers(60, 900), seed=st.integers(0, 1000))
def test_least_and_greatest_are_those_of_the_rows_in_the_window(count: int, seed: int) -> None:
    rows = uneven(count, seed)
    _, numbers = inside(rows, 5.0)
    expected = np.stack((np.nanmin(numbers, axis=0), np.nanmax(numbers, axis=0)))
    assert (last(rows, 5.0, "min", "max") == expected).all()


@settings(deadline=None, max_examples=25)
@given(count=st.integers(60, 900), seed=st.integers(0, 1000))
def test_the_slope_is_that_of_the_best_line(count: int, seed: int) -> None:
    rows = uneven(count, seed)
    times, numbers = inside(rows, 5.0)
    for i, slope in enumerate(last(rows, 5.0, "slope")[0]):
        known = ~np.isnan(numbers[:, i])
        expected = np.polyfit(times[known] - times[-1], numbers[known, i], 1)[0] * 5.0
        assert slope == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_a_slope_stays_exact_far_from_the_epoch_and_on_a_high_level() -> None:
    rows: Rows = [(1.7e9 + i * 0.5, [1e6 + 0.25 * i]) for i in range(5000)]
    assert last(rows, 60.0, "slope")[0, 0] == pytest.approx(0.5 * 60.0, rel=1e-6)


@pytest.mark.parametrize(("period_s", "band"), [(0.02, 0), (2.0, 1), (8.0, 2)])
def test_a_tone_shows_in_its_band(period_s: float, band: int) -> None:
    times = np.arange(0, 12, 0.001)
    tone = np.sin(2 * np.pi * times / period_s)
    rows: Rows = [(float(t), [float(x)]) for t, x in zip(times, tone, strict=True)]
    bands = last(rows, 10.0, *BANDS)[:, 0]
    assert bands.argmax() == band


def test_the_bands_of_a_tone_do_not_depend_on_how_evenly_it_is_sampled() -> None:
    times = np.arange(0, 12, 0.002)
    loose = np.sort(np.random.default_rng(0).uniform(0, 12, len(times)))
    heard = [
        last([(float(t), [math.sin(20 * t)]) for t in when], 10.0, *BANDS)[:, 0]
        for when in (times, loose)
    ]
    assert heard[1] == pytest.approx(heard[0], rel=0.1)


def test_all_features_stand_in_the_order_that_was_asked_for() -> None:
    rows = uneven(400, seed=1, signals=3)
    alone = [last(rows, 20.0, name)[0] for name in ALL]
    assert last(rows, 20.0, *ALL) == pytest.approx(np.stack(alone), nan_ok=True)


@pytest.mark.parametrize("features", [(), ("mean", "mean")])
def test_no_feature_and_one_twice_are_refused(features: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="at least one feature, and each only once"):
        Window(("a",), 1.0, features)  # type: ignore[arg-type]


def test_noise_takes_many_independent_values_and_a_walk_few() -> None:
    noise = np.random.default_rng(0).normal(size=(4000, 2))
    noise[:, 1] = np.cumsum(noise[:, 1])
    noise[::7] = np.nan
    many, few = independent_values(noise)
    assert many > 2000
    assert few < 9
    assert wandering(np.array([many, few])) == (1,)


def test_where_all_levels_wander_they_are_judged_all_the_same() -> None:
    assert wandering(np.array([2.0, 3.0])) == ()


def test_what_is_rare_is_still_there_after_thinning() -> None:
    random = np.random.default_rng(0)
    usual, rare = random.normal(size=(60_000, 4)), random.normal(size=(40, 4)) + 12
    chosen = covering(np.concatenate((usual, rare)), 1000)
    assert 900 <= len(chosen) <= 1000
    assert (np.diff(chosen) > 0).all()
    assert (chosen >= 60_000).sum() > 20


def test_few_rows_and_rows_that_are_all_alike_are_thinned_too() -> None:
    assert covering(np.zeros((5, 2)), 10).tolist() == [0, 1, 2, 3, 4]
    assert covering(np.zeros((50, 2)), 10).tolist() == [0]


def test_the_usual_features_come_first() -> None:
    assert ALL[: len(USUAL)] == USUAL
