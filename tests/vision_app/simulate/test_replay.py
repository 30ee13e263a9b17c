"""A replay tells what the device did, and what it would have done otherwise."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from models.prediction import Prediction
from tests.uploader.choosing.deciding import chooser_of
from tests.uploader.samples import MODEL, NOON, masked
from uploader.choosing.choice import Choice
from uploader.choosing.policies import Names
from uploader.choosing.score_log import ScoreLog
from uploader.choosing.settings import KeepSettings, ScoreLogSettings
from uploader.errors import PolicyError
from vision_app.simulate.outcome import Outcome
from vision_app.simulate.replay import GUESS_BYTES, frames_in, replay

LABELS = ("ripe", "green", "none")
NAMES = Names(LABELS, (), ("bench",))
FRAMES = 400
POLICIES = KeepSettings.model_validate(
    {
        "gap_s": 2.0,
        "policy": [
            {"kind": "margin", "threshold": 0.3, "per_minute": 3},
            {"kind": "classes", "classes": ["none"], "name": "odd"},
        ],
        "budget": {"images_per_hour": 60},
    }
)


class Lived:
    """A device that logged and decided. size_bytes: of each JPEG that it kept."""

    def __init__(self, folder: Path, keep: KeepSettings, size_bytes: int = 20_000) -> None:
        self.kept, self.refused = Counter[str](), Counter[str]()
        self.at_s = 0.0
        rng = np.random.default_rng(1)
        chooser = chooser_of(keep, NAMES, lambda: self.at_s)
        log = ScoreLog(folder, ScoreLogSettings(enabled=True), ("bench",), (), lambda: self.at_s)
        for seq in range(FRAMES):
            self.at_s += 1.5
            frame = masked(int(rng.integers(60)), NOON + timedelta(seconds=self.at_s))
            scores = tuple(map(float, rng.dirichlet((1, 1, 1))))
            opinion = Prediction(LABELS, scores, max(scores), MODEL)
            candidate, size = chooser.wanted(frame, opinion, alerts=0), 0
            weighed = chooser.weigh(candidate) if candidate else None
            if candidate and isinstance(weighed, Choice):
                size = size_bytes + seq
                chooser.kept(candidate, weighed, size)
                self.kept[weighed.by] += 1
            elif weighed is not None:
                self.refused[str(weighed.value)] += 1
            log.add(frame, opinion, 0, size)
        log.close()


def counted(outcome: Outcome) -> tuple[Counter[str], Counter[str]]:
    return outcome.by, outcome.refused


@pytest.mark.parametrize("keep", [KeepSettings(), POLICIES])
def test_what_the_device_used_tells_what_it_did(tmp_path: Path, keep: KeepSettings) -> None:
    lived = Lived(tmp_path, keep)
    outcome = replay(tmp_path, keep)
    assert counted(outcome) == (lived.kept, lived.refused)
    assert outcome.frames.total() == FRAMES
    assert outcome.wanted == outcome.uploads + outcome.refused.total()
    assert lived.refused["near_duplicate"] > 0


def test_another_policy_keeps_others(tmp_path: Path) -> None:
    Lived(tmp_path, KeepSettings())
    assert replay(tmp_path, KeepSettings(below=0.0)).uploads == 0
    few, many = (replay(tmp_path, KeepSettings(below=below, gap_s=0)) for below in (0.5, 0.9))
    assert 0 < few.uploads < many.uploads


def test_bytes_and_money_are_of_what_would_be_kept(tmp_path: Path) -> None:
    Lived(tmp_path, KeepSettings(below=0.5, gap_s=0))
    free = {"duplicates": {"enabled": False}, "gap_s": 0, "max_per_minute": 10_000}
    label = {"budget": {"prices": {"label": 0.08}}}
    all_of_them = replay(tmp_path, KeepSettings.model_validate({"below": 1.0} | free | label))
    assert all_of_them.uploads == FRAMES
    assert all_of_them.size_bytes / FRAMES == pytest.approx(20_200, rel=0.02)
    assert all_of_them.cost == pytest.approx(FRAMES * 0.08, rel=0.01)


def test_without_a_kept_frame_sizes_are_a_guess(tmp_path: Path) -> None:
    Lived(tmp_path, KeepSettings(below=0.0))
    outcome = replay(tmp_path, KeepSettings(below=1.0))
    assert outcome.size_bytes == outcome.uploads * GUESS_BYTES


def test_every_replay_of_an_audit_draws_the_same(tmp_path: Path) -> None:
    Lived(tmp_path, KeepSettings())
    audit = KeepSettings.model_validate({"policy": [{"kind": "audit", "share": 0.2}]})
    first, second = (replay(tmp_path, audit) for _ in range(2))
    assert counted(first) == counted(second)
    assert FRAMES * 0.1 < first.uploads < FRAMES * 0.3


def test_hours_and_days_are_those_of_the_frames(tmp_path: Path) -> None:
    Lived(tmp_path, KeepSettings())
    outcome = replay(tmp_path, KeepSettings(below=1.0))
    assert outcome.hours.total() == outcome.uploads
    assert outcome.days == pytest.approx(1 / 24)
    assert outcome.last_ms - outcome.first_ms == (FRAMES - 1) * 1500
    assert frames_in(tmp_path) == FRAMES


def test_a_policy_that_speaks_of_another_class_is_refused(tmp_path: Path) -> None:
    Lived(tmp_path, KeepSettings())
    wrong = KeepSettings.model_validate({"policy": [{"kind": "classes", "classes": ["rip"]}]})
    with pytest.raises(PolicyError, match="did you mean 'ripe'"):
        replay(tmp_path, wrong)
