"""Each kind of policy says of one frame what its sentence says, and of many the same."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.uploader.choosing.rows import SENSORS, Row, frames, labels, matches, names, policy
from uploader.choosing.policies import KINDS, matcher, policies_of, reason_of
from uploader.choosing.settings import KeepSettings
from uploader.errors import PolicyError

AWS = Row((0.5, 0.25, 0.25))
"""The worked example of AWS's documentation of entropy."""


def before(number: float) -> float:
    return float(np.nextafter(np.float32(number), np.float32(0)))


def after(number: float) -> float:
    return float(np.nextafter(np.float32(number), np.float32(9)))


def test_least_confidence_takes_the_threshold_itself() -> None:
    rows = [Row((best, 0.2)) for best in (before(0.6), 0.6, after(0.6))]
    assert matches(policy("least_confidence", threshold=0.6), *rows) == [True, True, False]
    assert matches(policy("least_confidence", threshold=0.6), Row((0.2, 0.2, 0.4, 0.2))) == [True]


def test_margin_takes_the_threshold_itself() -> None:
    rows = [Row((0.25, 0.25 + lead, 0.1)) for lead in (0.25, 0.5, 0.625)]
    assert matches(policy("margin", threshold=0.5), *rows) == [True, True, False]
    assert matches(policy("margin", threshold=0.02), Row((0.3, 0.35, 0.34, 0.01))) == [True]


def test_entropy_is_in_nats_and_does_not_take_the_threshold_itself() -> None:
    assert float(frames([AWS]).entropy[0]) == pytest.approx(1.03972, abs=5e-6)
    exact = float(frames([AWS]).entropy[0])
    for threshold, matched in ((0.75, True), (before(exact), True), (exact, False)):
        assert matches(policy("entropy", threshold=threshold), AWS) == [matched]


def test_normalised_entropy_is_that_of_equal_scores_at_most() -> None:
    share = 1.5 * math.log(2) / math.log(3)
    assert 0.94 < share < 0.95
    for threshold, matched in ((0.94, True), (0.95, False)):
        asked = policy("entropy", threshold=threshold, normalised=True)
        assert matches(asked, AWS) == [matched]
    equal = Row((1 / 7,) * 7)
    assert matches(policy("entropy", threshold=0.999, normalised=True), equal) == [True]


def test_normalised_entropy_of_a_single_class_never_matches() -> None:
    assert matches(policy("entropy", threshold=0.0, normalised=True), Row((1.0,))) == [False]


def test_a_confidence_outside_the_range_matches_its_bounds_do_not() -> None:
    rows = [Row((0.5, 0.5), confidence) for confidence in (0.39, 0.4, 0.9, 0.91)]
    asked = policy("confidence", below=0.4, above=0.9)
    assert matches(asked, *rows) == [True, False, False, True]


def test_close_to_asks_the_best_class_or_those_that_are_named() -> None:
    row = Row((0.7, 0.25, 0.05))
    assert matches(policy("close_to", threshold=0.65, epsilon=0.1), row) == [True]
    assert matches(policy("close_to", threshold=0.3, epsilon=0.1), row) == [False]
    named = {"classes": ["class-2", "class-1"]}
    assert matches(policy("close_to", threshold=0.3, epsilon=0.1, **named), row) == [True]
    assert matches(policy("close_to", threshold=0.65, epsilon=0.1, **named), row) == [False]


def test_close_to_does_not_take_epsilon_itself() -> None:
    rows = [Row((score, 0.0)) for score in (0.25, 0.375, 0.5, 0.625, 0.75)]
    asked = policy("close_to", threshold=0.5, epsilon=0.25)
    assert matches(asked, *rows) == [False, True, True, True, False]


def test_classes_asks_for_the_best_label() -> None:
    rows = [Row((0.6, 0.4, 0.0)), Row((0.4, 0.6, 0.0)), Row((0.0, 0.4, 0.6))]
    assert matches(policy("classes", classes=["class-2", "class-0"]), *rows) == [True, False, True]


def test_masked_asks_for_so_many_faces() -> None:
    rows = [Row((1.0,), faces=faces) for faces in (0, 1, 2)]
    assert matches(policy("masked"), *rows) == [False, True, True]
    assert matches(policy("masked", at_least=2), *rows) == [False, False, True]


def test_sensor_asks_for_a_raised_alert_of_the_named_or_of_any() -> None:
    rows = [Row((1.0,), alerts=alerts) for alerts in (0b000, 0b001, 0b010, 0b100)]
    assert matches(policy("sensor"), *rows) == [False, True, True, True]
    named = policy("sensor", sensors=["weight", "climate", "climate"])
    assert matches(named, *rows) == [False, True, False, True]


def test_audit_draws_its_share() -> None:
    rows = [Row((1.0,), draw=draw) for draw in (0.0, 0.0999, 0.1, 0.9)]
    assert matches(policy("audit", share=0.1), *rows) == [True, True, False, False]
    rng = np.random.default_rng(1)
    drawn = [Row((1.0,), draw=draw) for draw in rng.random(20_000)]
    assert sum(matches(policy("audit", share=0.05), *drawn)) == pytest.approx(1000, abs=100)


NUMBERS = st.floats(0, 1, width=32)
ROWS = st.builds(
    Row,
    st.tuples(NUMBERS, NUMBERS, NUMBERS),
    NUMBERS,
    st.integers(0, 3),
    st.integers(0, 7),
    st.floats(0, 1, exclude_max=True),
)
SAID: dict[str, dict[str, st.SearchStrategy[object]]] = {
    "least_confidence": {"threshold": NUMBERS},
    "margin": {"threshold": NUMBERS},
    "entropy": {"threshold": st.floats(0, 0.99), "normalised": st.booleans()},
    "confidence": {"below": st.floats(0.1, 0.5), "above": st.floats(0.5, 0.9)},
    "close_to": {
        "threshold": NUMBERS,
        "epsilon": NUMBERS,
        "classes": st.lists(st.sampled_from(labels(3))),
    },
    "classes": {"classes": st.lists(st.sampled_from(labels(3)), min_size=1)},
    "masked": {"at_least": st.integers(1, 3)},
    "sensor": {"sensors": st.lists(st.sampled_from(SENSORS))},
    "audit": {"share": st.floats(0.01, 1)},
}


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_of_one_frame_and_of_many_it_says_the_same(kind: str, data: st.DataObject) -> None:
    asked = policy(kind, **{key: data.draw(value) for key, value in SAID[kind].items()})
    rows = data.draw(st.lists(ROWS, min_size=1, max_size=20))
    assert matches(asked, *rows) == [matches(asked, row)[0] for row in rows]


@given(ROWS)
def test_the_vectors_mean_what_the_sentences_say(row: Row) -> None:
    first, second, _ = sorted(row.scores, reverse=True)
    nats = -sum(p * math.log(p) for p in row.scores if p > 0)
    told = frames([row])
    assert float(told.best_score[0]) == first
    assert float(told.margin[0]) == pytest.approx(first - second, abs=1e-6)
    assert float(told.entropy[0]) == pytest.approx(nats, abs=1e-5)
    assert row.scores[told.best[0]] == first


@given(st.lists(ROWS, min_size=1, max_size=8), NUMBERS, NUMBERS)
def test_a_wider_policy_takes_all_that_a_narrower_one_takes(
    rows: list[Row], one: float, other: float
) -> None:
    low, high = sorted((one, other))
    for kind in ("least_confidence", "margin"):
        narrow = matches(policy(kind, threshold=low), *rows)
        wide = matches(policy(kind, threshold=high), *rows)
        assert all(w or not n for n, w in zip(narrow, wide, strict=True))


@pytest.mark.parametrize(
    ("kind", "said", "sentence"),
    [
        ("classes", {"classes": ["clas-1"]}, "no class 'clas-1'; did you mean 'class-1'?"),
        ("close_to", {"classes": ["x"], "threshold": 0, "epsilon": 0}, "known here: class-0, "),
        ("sensor", {"sensors": ["wieght"]}, "'wieght'; did you mean 'weight'?"),
        ("masked", {"cameras": ["dor"]}, "[[camera]] that is named 'dor'; did you mean 'door'?"),
    ],
)
def test_a_name_that_is_not_there_is_refused_in_one_sentence(
    kind: str, said: dict[str, object], sentence: str
) -> None:
    with pytest.raises(PolicyError) as caught:
        matcher(policy(kind, **said), names(40))
    assert sentence in str(caught.value)
    assert len(str(caught.value)) < 200


def test_sensors_without_a_model_never_alert_and_are_not_waited_for() -> None:
    nobody = type(names(1))(labels(1), (), ())
    with pytest.raises(PolicyError, match="name a model"):
        matcher(policy("sensor"), nobody)


def test_the_defaults_stand_for_what_keep_says_the_worth_most_first() -> None:
    keep = KeepSettings(below=0.4, above=0.9)
    assert [reason_of(one) for one in policies_of(keep)] == [
        "low_confidence", "masked", "high_confidence",
    ]  # fmt: skip
    low, face, high = policies_of(keep)
    rows = [Row((1.0,), confidence, faces) for confidence, faces in ((0.3, 0), (0.5, 1), (0.95, 0))]
    assert matches(low, *rows) == [True, False, False]
    assert matches(face, *rows) == [False, True, False]
    assert matches(high, *rows) == [False, False, True]


def test_what_keep_switches_off_is_no_policy() -> None:
    assert policies_of(KeepSettings(below=0.0, masked=False)) == ()
    assert [reason_of(one) for one in policies_of(KeepSettings())] == ["low_confidence", "masked"]


@pytest.mark.parametrize(
    "said",
    [
        {"policy": [{"kind": "margin", "threshold": 0.1}] * 2},
        {"policy": [{"kind": "masked"}], "below": 0.5},
        {"policy": [{"kind": "confidence"}]},
        {"policy": [{"kind": "confidence", "below": 0.9, "above": 0.1}]},
        {"policy": [{"kind": "audit", "share": 0.1, "name": "random"}]},
        {"policy": [{"kind": "audit", "share": 0.0}]},
        {"policy": [{"kind": "entropy", "threshold": 1.0, "normalised": True}]},
        {"policy": [{"kind": "classes", "classes": []}]},
        {"policy": [{"kind": "margin", "threshold": 1.1}]},
        {"policy": [{"kind": "margin", "threshold": float("nan")}]},
    ],
)
def test_a_policy_that_contradicts_or_hides_itself_is_refused(said: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        KeepSettings.model_validate(said)
