"""The state machine of alerts, which knows no clock, disk or thread."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.alert_settings import OwnAlertSettings
from tests.vision_app.alerting.alerts import SCORES, VALUES, anomaly, at, course
from uploader.identity import is_id
from vision_app.alerting.alert import Alert
from vision_app.alerting.course import Course
from vision_app.alerting.rules import AlertSettings, RulesOfAlerts, rules_for


def seen(course: Course, letters: str, begin: int = 0) -> list[str]:
    """What each judgement, one a second, did: empty for nothing."""
    told = []
    for second, letter in enumerate(letters, begin):
        alert = course.judge(at(second), anomaly(letter), VALUES)
        told.append(f"{alert.newest.state} {alert.newest.severity}" if alert else "")
    return told


@pytest.mark.parametrize(
    ("letters", "told"),
    [
        ("!.!.!.", []),
        ("!!", ["raised warning"]),
        ("!!--..-...", ["raised warning", "cleared warning"]),
        ("!!..!..!..", ["raised warning"]),
        ("!!------..-..", ["raised warning"]),
        ("##", ["raised critical"]),
        ("!!#!#!##", ["raised warning", "updated critical"]),
        ("##...!!", ["raised critical", "cleared critical", "raised warning"]),
    ],
)
def test_an_alert_neither_flickers_nor_sticks_and_grows_once(letters: str, told: list[str]) -> None:
    assert [each for each in seen(course(), letters) if each] == told


def test_one_that_stands_for_long_becomes_critical_unless_it_is_calm_just_then() -> None:
    watched = course()
    assert seen(watched, "!!")[-1] == "raised warning"
    assert seen(watched, "!.", begin=60) == ["", ""], "59 s after it was raised, and calm"
    assert seen(watched, "-", begin=62) == ["updated critical"]


def test_seconds_count_beside_readings() -> None:
    rules = RulesOfAlerts(after=2, after_s=10, clear_after=2, clear_after_s=5, critical_from=1)
    watched = course(rules)
    assert seen(watched, "!" * 10) == [""] * 10
    assert seen(watched, "!", begin=10) == ["raised warning"]
    assert seen(watched, ".....", begin=20) == [""] * 5
    assert seen(watched, ".", begin=25) == ["cleared warning"]


def test_a_clock_that_is_set_back_lets_the_seconds_begin_anew() -> None:
    watched = course(RulesOfAlerts(after=1, after_s=10))
    assert seen(watched, "!", begin=1000) == [""]
    assert seen(watched, "!", begin=500) == [""]
    assert seen(watched, "!", begin=509) == [""]
    assert seen(watched, "!", begin=510) == ["raised warning"]


def test_neither_length_nor_height_makes_it_critical_where_that_is_switched_off() -> None:
    watched = course(RulesOfAlerts(after=1, critical_from=1, critical_after_s=inf))
    assert {*seen(watched, "#" * 50)} == {"raised warning", ""}


def test_an_acknowledged_alert_grows_no_more_and_clears_by_itself() -> None:
    watched = course()
    seen(watched, "!!")
    assert watched.alert is not None
    id = watched.alert.id
    assert watched.acknowledge("another", at(5)) is None
    done = watched.acknowledge(id, at(5))
    assert done is not None
    assert (done.newest.state, done.when("acknowledged")) == ("acknowledged", at(5))
    assert watched.acknowledge(id, at(6)) is None
    assert seen(watched, "#####...", begin=7)[-1] == "cleared warning"
    assert watched.acknowledge(id, at(9)) is None


def test_it_says_which_signals_push_and_how_far_they_are_from_the_usual() -> None:
    watched = course()
    seen(watched, "!!")
    assert watched.alert is not None
    first = watched.alert.newest
    assert first.signals[0].model_dump() == {
        "signal": "temperature_c", "share": 0.75, "value": 31.0, "unit": "°C",
        "usual": 21.0, "deviations": 5.0,
    }  # fmt: skip
    assert first.text == (
        "climate is not as usual: temperature_c makes 75% of it: 31 °C, 5 usual deviations above "
        "the usual 21 °C; vent_pct makes 25% of it: 2"
    )


def test_an_alert_of_an_earlier_run_goes_on_under_its_id() -> None:
    first = course()
    seen(first, "!!")
    assert first.alert is not None
    again = course(alert=Alert.model_validate_json(first.alert.model_dump_json()))
    assert seen(again, "!!!..", begin=40) == [""] * 5
    assert seen(again, ".", begin=45) == ["cleared warning"]
    assert again.alert is not None
    assert again.alert.id == first.alert.id
    assert again.alert.raised_at == first.alert.raised_at


def test_a_sensor_has_what_it_names_itself_and_the_rest_of_all() -> None:
    everybody = AlertSettings(after=7, clear_after=9, cameras=("a",))
    own = OwnAlertSettings(after=1, cameras=())
    rules = rules_for(everybody, own)
    assert (rules.after, rules.clear_after, rules.cameras) == (1, 9, ())
    assert rules_for(everybody, None) == everybody


Moments = st.lists(st.tuples(st.sampled_from([*SCORES, "a"]), st.integers(-5, 90)), max_size=80)


@given(Moments, st.integers(1, 4), st.integers(1, 4), st.sampled_from([0.0, 7.0]))
def test_no_two_raises_without_a_clear_and_every_raise_ends_cleared_or_open(
    moments: list[tuple[str, int]], after: int, clear_after: int, seconds: float
) -> None:
    rules = RulesOfAlerts(
        after=after, after_s=seconds, clear_after=clear_after, critical_after_s=50
    )
    watched, second = course(rules), 0
    history: dict[str, Alert] = {}
    for letter, step in moments:
        second += step
        before = watched.alert
        if letter == "a":
            alert = watched.acknowledge(before.id if before else "", at(second))
        else:
            alert = watched.judge(at(second), anomaly(letter), VALUES)
        if alert is None:
            assert watched.alert is before
            continue
        assert is_id(alert.id)
        if alert.newest.state == "raised":
            assert before is None or not before.open
            assert alert.id not in history
        else:
            assert before is not None
            assert before.open
            assert alert.changes[:-1] == before.changes
        history[alert.id] = alert
    for alert in history.values():
        states = [change.state for change in alert.changes]
        assert [change.number for change in alert.changes] == [*range(1, len(states) + 1)]
        assert states[0] == "raised"
        assert all(states.count(state) <= 1 for state in states)
        assert "cleared" not in states[:-1]
        assert states[-1] == "cleared" or alert is watched.alert
        if "acknowledged" in states:
            assert "updated" not in states[states.index("acknowledged") :]
