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
from vision_app.simulate.log import open_log
from vision_app.simulate.outcome import Outcome
from vision_app.simulate.replay import CHUNK_BYTES, GUESS_BYTES, replay

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
    outcome = replay(open_log(tmp_path), keep)
    assert counted(outcome) == (lived.kept, lived.refused)
    assert outcome.frames.total() == FRAMES
    assert outcome.wanted == outcome.uploads + outcome.refused.total()
    assert lived.refused["near_duplicate"] > 0


def test_another_policy_keeps_others(tmp_path: Path) -> None:
    Lived(tmp_path, KeepSettings())
    assert replay(open_log(tmp_path), KeepSettings(below=0.0)).uploads == 0
    log = open_log(tmp_path)
    few, many = (replay(log, KeepSettings(below=below, gap_s=0)) for below in (0.5, 0.9))
    assert 0 < few.uploads < many.uploads


def test_bytes_and_money_are_of_what_would_be_kept(tmp_path: Path) -> None:
    Lived(tmp_path, KeepSettings(below=0.5, gap_s=0))
    free = {"duplicates": {"enabled": False}, "gap_s": 0, "max_per_minute": 10_000}
    label = {"budget": {"prices": {"label": 0.08}}}
    keep = KeepSettings.model_validate({"below": 1.0} | free | label)
    all_of_them = replay(open_log(tmp_path), keep)
    assert all_of_them.uploads == FRAMES
    assert all_of_them.size_bytes / FRAMES == pytest.approx(20_200, rel=0.02)
    assert all_of_them.cost == pytest.approx(FRAMES * 0.08, rel=0.01)


def test_without_a_kept_frame_sizes_are_a_guess(tmp_path: Path) -> None:
    Lived(tmp_path, KeepSettings(below=0.0))
    outcome = replay(open_log(tmp_path), KeepSettings(below=1.0))
    assert outcome.size_bytes == outcome.uploads * GUESS_BYTES


def test_every_replay_of_an_audit_draws_the_same(tmp_path: Path) -> None:
    Lived(tmp_path, KeepSettings())
    audit = KeepSettings.model_validate({"policy": [{"kind": "audit", "share": 0.2}]})
    first, second = (replay(open_log(tmp_path), audit) for _ in range(2))
    assert counted(first) == counted(second)
    assert FRAMES * 0.1 < first.uploads < FRAMES * 0.3


def test_hours_and_days_are_those_of_the_frames(tmp_path: Path) -> None:
    Lived(tmp_path, KeepSettings())
    outcome = replay(open_log(tmp_path), KeepSettings(below=1.0))
    assert outcome.hours.total() == outcome.uploads
    assert outcome.days == pytest.approx(1 / 24)
    assert outcome.last_s - outcome.first_s == (FRAMES - 1) * 1.5
    assert open_log(tmp_path).frames == FRAMES


def test_a_policy_that_speaks_of_another_class_is_refused(tmp_path: Path) -> None:
    Lived(tmp_path, KeepSettings())
    wrong = KeepSettings.model_validate({"policy": [{"kind": "classes", "classes": ["rip"]}]})
    with pytest.raises(PolicyError, match="did you mean 'ripe'"):
        replay(open_log(tmp_path), wrong)


def test_where_the_steady_clock_begins_anew_time_goes_on(tmp_path: Path) -> None:
    for _ in range(2):
        Lived(tmp_path, KeepSettings())
    keep = KeepSettings.model_validate({"below": 1.0, "duplicates": {"enabled": False}})
    once, twice = ({"max_per_minute": most} for most in (1, 10_000))
    outcome = replay(open_log(tmp_path), keep.model_copy(update=twice))
    assert (outcome.uploads, outcome.refused) == (2 * FRAMES - 1, {"too_soon": 1})
    assert outcome.last_s - outcome.first_s == 2 * (FRAMES - 1) * 1.5
    assert replay(open_log(tmp_path), keep.model_copy(update=once)).uploads == 20


def test_a_policy_that_does_not_fit_an_older_model_names_the_file(tmp_path: Path) -> None:
    Lived(tmp_path, KeepSettings())
    log = ScoreLog(tmp_path, ScoreLogSettings(enabled=True), ("bench",), (), lambda: 0.0)
    log.add(masked(), Prediction(("rip", "off"), (0.9, 0.1), 0.9, MODEL), 0, 0)
    log.close()
    fits_one = KeepSettings.model_validate({"policy": [{"kind": "classes", "classes": ["ripe"]}]})
    with pytest.raises(PolicyError, match=r"00000002\.scores: move it away"):
        replay(open_log(tmp_path), fits_one)


def test_models_of_many_classes_are_replayed_in_parts(tmp_path: Path) -> None:
    labels = tuple(f"c{n}" for n in range(1001))
    log = ScoreLog(tmp_path, ScoreLogSettings(enabled=True), ("bench",), (), lambda: 0.0)
    log.add(masked(), Prediction(labels, (1.0, *[0.0] * 1000), 1.0, MODEL), 0, 0)
    log.close()
    (path,) = tmp_path.iterdir()
    row = path.read_bytes()[-open_log(tmp_path).files[0].rows.itemsize :]
    with path.open("ab") as file:
        file.write(row * 4999)
    told: list[int] = []
    assert replay(open_log(tmp_path), KeepSettings(), told.append).frames["c0"] == 5000
    assert sum(told) == 5000
    assert max(told) * len(row) <= CHUNK_BYTES
