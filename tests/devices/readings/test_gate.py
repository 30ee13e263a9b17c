from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from devices.readings.gate import Gate
from devices.readings.order import SET_BACK, Clock, Order
from devices.sensor_settings import SignalSettings

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


def at(second: float) -> datetime:
    return NOON + timedelta(seconds=second)


def gate(*signals: dict[str, Any], clock: Clock = "theirs", now: datetime = NOON) -> Gate:
    asked = signals or ({"name": "t"},)
    return Gate([SignalSettings.model_validate(s) for s in asked], Order(clock, lambda: now))


def test_values_are_scaled_into_their_unit() -> None:
    passing = gate({"name": "t", "scale": 0.1, "offset": -40.0}, {"name": "on"})
    assert passing.admit(NOON, {"t": "650", "on": True, "other": 3}) == {"t": 25.0, "on": 1.0}
    assert passing.losses == {}


@pytest.mark.parametrize(
    ("raw", "reason", "said"),
    [
        (None, "missing", "signal t is missing"),
        (" ", "missing", "signal t is missing"),
        ("warm", "not_a_number", "signal t is no number: 'warm'"),
        ("nan", "not_a_number", "signal t is no number: 'nan'"),
        (float("inf"), "not_a_number", "signal t is no number: 'inf'"),
        ([1], "not_a_number", "signal t is no number: '[1]'"),
        (85, "out_of_range", "signal t is out of range: 85 °C"),
        (-60, "out_of_range", "signal t is out of range: -60 °C"),
    ],
)
def test_what_is_no_measurement_is_left_out_counted_and_named_until_the_next_good_one(
    raw: object, reason: str, said: str
) -> None:
    passing = gate({"name": "t", "unit": "°C", "min": -30, "max": 60}, {"name": "h"})
    assert passing.admit(at(0), {"t": raw, "h": 1}) == {"h": 1.0}
    assert (passing.losses, passing.problems) == ({reason: 1}, {f"t {reason}": said})
    assert passing.admit(at(1), {"t": 60, "h": 1}) == {"t": 60.0, "h": 1.0}
    assert not passing.problems


def test_a_value_that_stands_still_for_too_long_is_named_and_still_read() -> None:
    passing = gate({"name": "t", "unit": "°C", "stuck_s": 60})
    for second in range(0, 60, 10):
        passing.admit(at(second), {"t": 21.5})
        assert not passing.problems
    assert passing.admit(at(60), {"t": 21.5}) == {"t": 21.5}
    assert passing.problems == {"t stuck": "signal t is stuck: 21.5 °C for 60 s"}
    passing.admit(at(70), {"t": 21.6})
    assert not passing.problems


def test_a_late_reading_is_left_out_and_one_of_the_same_moment_is_not() -> None:
    passing = gate()
    for second, taken in ((5, True), (4, False), (5, True), (6, True)):
        assert bool(passing.admit(at(second), {"t": 1})) is taken
    assert passing.losses == {"late": 1}


def test_a_source_that_sets_its_clock_back_is_believed_after_some_readings() -> None:
    passing = gate()
    passing.admit(at(0), {"t": 1})
    taken = [bool(passing.admit(at(second - 3600), {"t": 1})) for second in range(SET_BACK + 2)]
    assert taken == [False] * SET_BACK + [True, True]
    assert passing.losses == {"late": SET_BACK}
    assert not passing.problems


def test_a_source_whose_clock_is_ahead_is_named_and_spoils_nothing() -> None:
    passing = gate()
    assert passing.admit(at(301), {"t": 1}) == {}
    assert passing.losses == {"ahead": 1}
    assert passing.problems == {
        "ahead": "its clock is ahead of ours: it says 2026-03-01 12:05:01 UTC"
    }
    assert passing.admit(at(299), {"t": 1})
    assert not passing.problems


def test_our_own_clock_judges_nobody_before_it_was_set() -> None:
    assert gate(now=datetime(1970, 1, 1, tzinfo=timezone.utc)).admit(NOON, {"t": 1})


def test_our_own_clock_may_be_set_back() -> None:
    passing = gate(clock="ours")
    assert passing.admit(at(0), {"t": 1})
    assert passing.admit(at(-3600), {"t": 1})
    assert passing.losses == {}
