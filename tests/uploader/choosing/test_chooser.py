"""Which frames are kept and for which reason: first match with budget left, with every reason."""

import time
import timeit

import numpy as np
import pytest

from models.prediction import Prediction
from tests.uploader.choosing.deciding import (
    AUDIT,
    TIED,
    UNSURE,
    Bench,
    bench,
    by,
    prediction,
)  # fmt: skip
from tests.uploader.choosing.rows import Row, frames, labels, names
from tests.uploader.samples import MODEL, masked, redacted, with_a_face
from uploader.choosing.alerts import Alerted, Standing
from uploader.choosing.budgets.budgets import Budgets
from uploader.choosing.candidate import Refusal
from uploader.choosing.choice import Choice
from uploader.choosing.chooser import Chooser
from uploader.choosing.frames import one
from uploader.choosing.looks.duplicates import Duplicates
from uploader.choosing.settings import KeepSettings


def test_a_frame_that_no_policy_matches_is_not_wanted() -> None:
    assert bench(UNSURE).wanted(0.7) is None


def test_a_frame_that_shows_nothing_is_never_wanted() -> None:
    b = bench(UNSURE, {"kind": "audit", "share": 1.0})
    assert b.chooser.wanted(redacted(), prediction(0.5), alerts=0) is None


def test_a_face_and_an_alert_are_reasons() -> None:
    b = bench({"kind": "masked"}, {"kind": "sensor", "sensors": ["door"]})
    for frame, alerts, reasons in (
        (with_a_face(), 0b000, ("masked",)),
        (with_a_face(), 0b010, ("masked", "sensor")),
        (masked(), 0b010, ("sensor",)),
    ):
        candidate = b.chooser.wanted(frame, prediction(0.9), alerts)
        assert candidate is not None
        assert candidate.reasons == reasons


def test_every_reason_is_recorded_and_the_first_keeps_the_frame() -> None:
    weighed = bench(UNSURE, TIED).keeps(0.5)
    assert weighed == Choice(("unsure", "tied"), "unsure", value=1.0)


def test_what_is_known_of_a_candidate_is_that_of_the_best_class() -> None:
    candidate = bench(UNSURE).wanted(0.6)
    assert candidate is not None
    assert candidate.label == "class-1"
    assert candidate.uncertainty == pytest.approx(0.8, abs=1e-6)
    assert candidate.at_s == 1_000.0
    assert candidate.look() is candidate.look(), "computed once"


class Books(Budgets):
    """Budgets that also list what they were charged."""

    charged: list[tuple[str, str, int, str]]

    def charge(self, reason: str, camera: str, size_bytes: int, label: str = "") -> None:
        self.charged.append((reason, camera, size_bytes, label))
        super().charge(reason, camera, size_bytes, label)


def test_a_kept_frame_is_charged_to_its_policy_camera_and_class_with_its_bytes() -> None:
    keep = KeepSettings(below=1.0, gap_s=0)
    books = Books(keep.budget, {}, keep.max_per_minute, time.monotonic)
    books.charged = []
    chooser = Chooser(keep, names(2), books, Duplicates(keep.duplicates), time.monotonic)
    candidate = chooser.wanted(masked(), prediction(0.6), alerts=0)
    assert candidate is not None
    weighed = chooser.weigh(candidate)
    assert isinstance(weighed, Choice)
    assert books.charged == []
    chooser.kept(candidate, weighed, 4711)
    assert books.charged == [("low_confidence", "bench", 4711, "class-1")]


def test_a_policy_without_budget_leaves_the_frame_to_the_next_that_matches() -> None:
    b = bench(UNSURE | {"per_hour": 1}, TIED)
    assert [by(b.keeps(0.55)), by(b.keeps(0.55))] == ["unsure", "tied"]
    assert b.keeps(0.6) is Refusal.OVER_BUDGET, "only the first matches"


def test_when_no_policy_has_budget_left_it_is_refused_until_there_is_room() -> None:
    b = bench(UNSURE | {"per_minute": 1})
    assert isinstance(b.keeps(0.5), Choice)
    assert b.keeps(0.5) is Refusal.OVER_BUDGET
    b.at_s += 61
    assert isinstance(b.keeps(0.5), Choice)


def test_each_camera_has_max_per_minute_of_its_own() -> None:
    b = bench(UNSURE, max_per_minute=1)
    assert isinstance(b.keeps(0.5, camera="door"), Choice)
    assert b.keeps(0.5, camera="door") is Refusal.OVER_BUDGET
    assert isinstance(b.keeps(0.5, camera="shelf"), Choice)


def test_a_policy_may_be_for_some_cameras_only() -> None:
    b = bench(UNSURE | {"cameras": ["shelf"]}, TIED)
    hits = np.array([True, True])
    assert b.chooser.reasons("shelf", hits) == ("unsure", "tied")
    assert b.chooser.reasons("door", hits) == ("tied",)


def test_frames_that_are_wanted_for_the_same_reason_are_apart() -> None:
    b = bench(UNSURE, gap_s=1.0)
    kept = []
    for tenth in range(40):
        b.at_s = 1_000.0 + tenth / 10
        if isinstance(b.keeps(0.5), Choice):
            kept.append(tenth)
    assert kept == [0, 10, 20, 30]
    assert b.keeps(0.5) is Refusal.TOO_SOON
    assert isinstance(b.keeps(0.5, camera="shelf"), Choice)


def test_one_reason_does_not_use_up_the_time_of_another() -> None:
    b = bench(TIED, UNSURE | {"threshold": 0.7}, gap_s=1.0)
    assert by(b.keeps(0.7)) == "unsure"
    assert by(b.keeps(0.55)) == "tied"
    assert b.keeps(0.55) is Refusal.TOO_SOON


def test_a_frame_uses_up_the_time_of_all_its_reasons() -> None:
    b = bench(TIED | {"threshold": 0.5}, UNSURE, gap_s=1.0)
    assert b.keeps(0.5) == Choice(("tied", "unsure"), "tied", value=1.0)
    assert b.keeps(0.5) is Refusal.TOO_SOON


def test_what_was_withheld_costs_no_budget_but_time() -> None:
    b = bench(UNSURE | {"per_hour": 1}, gap_s=1.0)
    candidate = b.wanted(0.5)
    assert candidate is not None
    assert isinstance(b.chooser.weigh(candidate), Choice)
    assert b.keeps(0.5) is Refusal.TOO_SOON
    b.at_s += 1.0
    assert isinstance(b.keeps(0.5), Choice)
    b.at_s += 1.0
    assert b.keeps(0.5) is Refusal.OVER_BUDGET


def test_many_frames_are_matched_at_once_as_each_alone() -> None:
    b = bench(UNSURE, TIED, AUDIT)
    rng = np.random.default_rng(2)
    best = rng.random(200)
    rows = [Row((p, 1 - p), p, draw=d) for p, d in zip(best, rng.random(200), strict=True)]
    together = b.chooser.matched(frames(rows))
    alone = [b.chooser.matched(frames([row]))[0].tolist() for row in rows]
    assert together.shape == (200, 3)
    assert together.tolist() == alone


def test_the_frame_that_has_just_come_is_a_row_like_any_other() -> None:
    told = Prediction(labels(3), (0.5, 0.3, 0.2), 0.45, MODEL)
    live = one(with_a_face(), told, ("climate", "door", "weight"), 0b101, 0.125)
    row = frames([Row((0.5, 0.3, 0.2), 0.45, faces=1, alerts=0b101, draw=0.125)])
    for name in ("scores", "confidence", "faces", "alerts", "draw"):
        made, meant = getattr(live, name), getattr(row, name)
        assert made.dtype == meant.dtype
        assert made.tolist() == meant.tolist()
    assert (live.labels, live.sensors) == (row.labels, row.sensors)


def test_a_decision_takes_microseconds() -> None:
    """The figure is measured by benchmarks/sampling.py; here a loop over classes would show."""
    keep = KeepSettings.model_validate({"policy": [UNSURE, TIED, {"kind": "masked"}]})
    b = Bench(keep, classes=43)
    scores = np.random.default_rng(0).dirichlet(np.ones(43))
    told = Prediction(labels(43), tuple(scores.tolist()), float(scores.max()), MODEL)
    frame = masked()
    took_s = timeit.repeat(lambda: b.chooser.wanted(frame, told, 0), number=200, repeat=20)
    assert min(took_s) / 200 < 200e-6


def test_the_snapshot_of_an_alert_is_taken_whatever_it_shows_and_names_the_alert() -> None:
    b = bench(UNSURE, gap_s=3600, duplicates={"enabled": True})
    assert isinstance(b.keeps(0.5), Choice)
    alerted = Alerted("an-id", "climate")
    due = Standing(1, (alerted,), (alerted,))
    candidate = b.chooser.wanted(masked(), prediction(0.9), 1, due)
    assert candidate is not None
    weighed = b.chooser.weigh(candidate)
    assert weighed == Choice(("alert",), "alert", value=1.0, alerts=(alerted,))
    assert b.chooser.still(candidate, weighed) == weighed
    assert b.chooser.wanted(masked(), prediction(0.9), 1, Standing(1, (alerted,))) is None


def test_budgets_hold_a_snapshot_back_too() -> None:
    b = bench(UNSURE, budget={"images_per_hour": 1})
    assert isinstance(b.keeps(0.5), Choice)
    alerted = Alerted("an-id", "climate")
    candidate = b.chooser.wanted(masked(), prediction(0.9), 1, Standing(1, (alerted,), (alerted,)))
    assert candidate is not None
    assert b.chooser.weigh(candidate) is Refusal.OVER_BUDGET


def test_no_policy_takes_the_name_of_snapshots() -> None:
    with pytest.raises(ValueError, match="alert is what snapshots of alerts are called"):
        bench(UNSURE | {"name": "alert"})
