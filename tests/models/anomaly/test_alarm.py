import pytest

from models.anomaly.alarm import Alarm, Change
from models.anomaly.anomaly import Anomaly


def changes(alarm: Alarm, judgements: str) -> str:
    """One letter per judgement: x is anomalous. Out: R raised, C cleared, . nothing."""
    out = {Change.RAISED: "R", Change.CLEARED: "C", None: "."}
    return "".join(out[alarm.update(judgement == "x")] for judgement in judgements)


@pytest.mark.parametrize(
    ("judgements", "expected"),
    [
        ("xxx--", "..R.C"),
        ("xx-xx-xx-", "........."),
        ("xxxxxx", "..R..."),
        ("xxx-x-x--", "..R.....C"),
        ("xxx--xxx--", "..R.C..R.C"),
        ("-----", "....."),
    ],
)
def test_it_takes_several_in_a_row_to_raise_and_to_clear(judgements: str, expected: str) -> None:
    assert changes(Alarm(after=3, clear_after=2), judgements) == expected


def test_at_one_and_one_it_follows_every_judgement() -> None:
    alarm = Alarm(after=1, clear_after=1)
    assert changes(alarm, "x-xx") == "RCR."
    assert alarm.raised


@pytest.mark.parametrize(("after", "clear_after"), [(0, 1), (1, 0)])
def test_an_alarm_that_nothing_raises_or_clears_is_refused(after: int, clear_after: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Alarm(after, clear_after)


def test_a_score_between_clear_and_threshold_neither_raises_nor_clears() -> None:
    alarm, scores = Alarm(after=1, clear_after=1), (0.5, 0.7, 0.9, 0.7, 0.5, 0.7)
    told = [alarm.judge(Anomaly(score, 0.8, lambda: (("a", 1.0),), clear=0.6)) for score in scores]
    assert told == [None, None, Change.RAISED, None, Change.CLEARED, None]


def test_without_a_level_of_its_own_it_clears_at_the_threshold() -> None:
    alarm = Alarm(after=1, clear_after=1)
    told = [alarm.judge(Anomaly(score, 0.8, lambda: (("a", 1.0),))) for score in (0.9, 0.81, 0.8)]
    assert told == [Change.RAISED, None, Change.CLEARED]


def test_an_anomaly_explains_itself_by_signal() -> None:
    anomaly = Anomaly(0.9, 0.8, lambda: (("vent", 0.75), ("heater", 0.25)))
    assert anomaly.explain() == {"vent": 0.75, "heater": 0.25}
