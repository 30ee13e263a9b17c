"""Whether a model still fits: days of made-up judgements of a hand-made model."""

import numpy as np
import pytest

from models.anomaly.anomaly import Anomaly, Shares
from models.anomaly.drift import FAR, Drift, in_words
from models.anomaly.drift_day import Day
from tests.models.anomaly.anomaly_bundles import SIGNALS, manifest, standard

HOUR_S = 3600.0
STEP_S = 10.0
"""The hand-made model has windows of ten seconds."""


def push() -> Shares:
    return tuple((name, 0.5) for name in SIGNALS)


def day_of(
    drift: Drift, number: int, hours: float, z: list[float], score: float, begun_h: float = 0.0
) -> None:
    """Judgements that are all alike."""
    for i in range(round(hours * HOUR_S / STEP_S)):
        at_s = begun_h * HOUR_S + i * STEP_S
        drift.add(number, at_s, Anomaly(score, 0.5, push), np.array(z))


def new_drift(days: tuple[Day, ...] = ()) -> Drift:
    return Drift(manifest(b"x"), standard(), days)


def test_scores_are_told_by_day_with_their_quantiles_and_the_share_above_the_threshold() -> None:
    drift = new_drift()
    day_of(drift, 1, 9, [0.0] * 4, -0.2)
    day_of(drift, 1, 1, [0.0] * 4, 0.9, begun_h=9)
    day_of(drift, 2, 10, [0.0] * 4, 0.2, begun_h=24)
    report = drift.report(2)
    assert report.yesterday is not None
    assert report.today is not None
    assert report.yesterday.share_above == pytest.approx(0.1)
    assert report.yesterday.quantile(0.5) == pytest.approx(-0.2, abs=0.1)
    assert report.yesterday.quantile(0.99) == pytest.approx(0.9, abs=0.02)
    assert report.today.share_above == 0
    assert report.week.share_above == pytest.approx(0.05)


def test_a_signal_that_is_far_from_its_training_is_named_after_a_day_and_not_before() -> None:
    drift = new_drift()
    day_of(drift, 1, 19, [0.3, -3.1, 0.1, 0.4], 0.3)
    report = drift.report(1)
    assert report.shifts[0].signal == "vent_pct"
    assert report.far == ()
    day_of(drift, 1, 2, [0.3, -3.1, 0.1, 0.4], 0.3, begun_h=19)
    (far,) = drift.report(1).far
    assert in_words(far) == "signal vent_pct lies 3.1 training deviations below its training"


def test_how_much_a_signal_moves_counts_as_its_level_does() -> None:
    drift = new_drift()
    day_of(drift, 1, 24, [0.3, 0.1, 4.0, 0.4], 0.3)
    (far,) = drift.report(1).far
    assert (far.signal, far.feature) == ("temperature_c", "log_deviation")
    assert (
        in_words(far) == "signal temperature_c moves 4.0 training deviations more than in training"
    )


def test_what_was_named_stays_so_while_it_is_nearly_as_far() -> None:
    drift = new_drift()
    day_of(drift, 1, 24, [FAR + 0.1, 0, 0, 0], 0.3)
    assert drift.report(1).far
    day_of(drift, 2, 24, [FAR - 0.3, 0, 0, 0], 0.3, begun_h=24)
    assert drift.report(2).far
    assert new_drift(drift.days).report(2).far == ()
    day_of(drift, 3, 24, [0, 0, 0, 0], 0.3, begun_h=48)
    assert drift.report(3).far == ()


def test_far_too_much_above_the_threshold_is_told_and_a_little_is_not() -> None:
    upper = manifest(b"x").false_alarm_interval[1]
    for above, told in ((2 * upper, False), (4 * upper, True)):
        drift = new_drift()
        day_of(drift, 1, 24 * (1 - above), [0.0] * 4, 0.1)
        day_of(drift, 1, 24 * above, [0.0] * 4, 0.9, begun_h=24 * (1 - above))
        assert drift.report(1).often is told


def test_signals_that_were_silent_count_for_nothing() -> None:
    drift = new_drift()
    drift.add(1, 0.0, Anomaly(0.1, 0.5, push), np.array([1.0, 2.0, 1.0, 2.0]))
    drift.add(1, 1.0, Anomaly(0.1, 0.5, push, ("vent_pct",)), np.array([1.0, 0.0, 1.0, 0.0]))
    assert {s.signal: s.deviations for s in drift.report(1).shifts} == {
        "vent_pct": 2.0,
        "temperature_c": 1.0,
    }


def test_a_glitch_beyond_all_measure_is_no_drift_and_time_that_was_set_is_no_day() -> None:
    drift = new_drift()
    day_of(drift, 1, 1, [0.0] * 4, 0.1)
    day_of(drift, 1, 1, [0.0] * 4, 0.1, begun_h=24 * 400)
    drift.add(1, 24 * 400 * HOUR_S, Anomaly(1.0, 0.5, push), np.array([1e30, 0.0, 0.0, 0.0]))
    report = drift.report(1)
    assert 1.9 * HOUR_S < report.recent.covered_s < 2.1 * HOUR_S
    assert abs(report.shifts[0].deviations) < 0.1


def test_no_more_than_seven_days_are_kept_and_those_of_another_model_are_not_taken() -> None:
    drift = new_drift()
    for number in range(1, 11):
        day_of(drift, number, 0.1, [0.0] * 4, 0.1, begun_h=number * 24)
    assert [day.number for day in drift.days] == list(range(4, 11))
    assert drift.report(12).week.judged == 36 * 5
    assert drift.report(10).week.judged == 36 * 7
    assert new_drift((Day(3, 6),)).days == ()
