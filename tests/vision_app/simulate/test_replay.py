"""A replay tells what the device did, and what it would have done otherwise."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from models.prediction import Prediction
from tests.uploader.samples import MODEL, masked
from tests.vision_app.simulate.lived import (
    BEGAN_S,
    CAMERAS,
    FRAMES,
    LABELS,
    LATER,
    SIZES,
    STEP_S,
    Lived,
)
from uploader.choosing.own import CameraKeepSettings, own
from uploader.choosing.policies import policies_of, reason_of
from uploader.choosing.score_log import ScoreLog
from uploader.choosing.settings import KeepSettings, ScoreLogSettings
from uploader.errors import PolicyError
from vision_app.simulate.log import open_log
from vision_app.simulate.outcome import Outcome
from vision_app.simulate.replay import CHUNK_BYTES, GUESS_BYTES, replay

POLICIES = KeepSettings.model_validate(
    {
        "gap_s": 2.0,
        "policy": [
            {"kind": "margin", "threshold": 0.3, "per_minute": 3},
            {"kind": "classes", "classes": ["none"], "name": "odd", "cameras": ["door"]},
            {"kind": "masked", "cameras": ["bench"]},
            {"kind": "sensor", "sensors": ["soil"]},
        ],
        "budget": {"images_per_hour": 60},
    }
)


def counted(outcome: Outcome) -> tuple[Counter[str], Counter[str]]:
    return outcome.by, outcome.refused


@pytest.mark.parametrize("later", [LABELS, LATER])
@pytest.mark.parametrize("keep", [KeepSettings(), POLICIES])
def test_what_the_device_used_tells_what_it_did(
    tmp_path: Path, keep: KeepSettings, later: tuple[str, ...]
) -> None:
    lived = Lived(tmp_path, keep, later)
    log = open_log(tmp_path)
    outcome = replay(log, keep)
    assert counted(outcome) == (lived.kept, lived.refused)
    assert outcome.frames.total() == FRAMES
    assert outcome.wanted == outcome.uploads + outcome.refused.total()
    assert lived.refused["near_duplicate"] > 0
    assert set(outcome.by) == {reason_of(policy) for policy in policies_of(keep)}
    assert outcome.size_bytes == sum(int(file.rows["size"].sum()) for file in log.files)


def test_a_camera_with_rules_of_its_own_keeps_by_them(tmp_path: Path) -> None:
    Lived(tmp_path, KeepSettings())
    log, keep = open_log(tmp_path), KeepSettings(below=0.0, masked=False)
    said = {"below": 1.0, "budget": {"images_per_day": 7}, "duplicates": {"enabled": False}}
    owns = {CAMERAS[0]: own(keep, CameraKeepSettings.model_validate(said))}
    outcome = replay(log, keep, owns=owns)
    assert outcome.uploads == 7
    cameras = np.concatenate([file.rows["camera"] for file in log.files])
    assert outcome.wanted == int((cameras == 0).sum())


def test_a_gap_goes_on_from_one_file_to_the_next(tmp_path: Path) -> None:
    Lived(tmp_path, KeepSettings())
    (tmp_path / "00000002.scores").write_bytes((tmp_path / "00000001.scores").read_bytes())
    once = {"below": 1.0, "masked": False, "gap_s": 3600, "duplicates": {"enabled": False}}
    outcome = replay(open_log(tmp_path), KeepSettings.model_validate(once))
    assert outcome.uploads == len(CAMERAS)


def test_another_policy_keeps_others(tmp_path: Path) -> None:
    Lived(tmp_path, KeepSettings())
    assert replay(open_log(tmp_path), KeepSettings(below=0.0, masked=False)).uploads == 0
    log = open_log(tmp_path)
    few, many = (replay(log, KeepSettings(below=below, gap_s=0)) for below in (0.5, 0.9))
    assert 0 < few.uploads < many.uploads


def test_bytes_and_money_are_of_what_would_be_kept(tmp_path: Path) -> None:
    Lived(tmp_path, KeepSettings(below=0.5, gap_s=0))
    free = {"duplicates": {"enabled": False}, "gap_s": 0, "max_per_minute": 10_000}
    prices = {"put": 0.01, "label": 0.08, "gigabyte_sent": 1.0, "gigabyte_month": 0}
    keep = KeepSettings.model_validate({"below": 1.0, "budget": {"prices": prices}} | free)
    log = open_log(tmp_path)
    outcome = replay(log, keep)
    assert outcome.uploads == FRAMES
    cameras = np.concatenate([file.rows["camera"] for file in log.files])
    sizes = sum(SIZES[CAMERAS[camera]] + FRAMES // 2 for camera in cameras.tolist())
    assert outcome.size_bytes == pytest.approx(sizes, rel=0.005)
    assert outcome.cost == pytest.approx(FRAMES * 0.10 + outcome.size_bytes / 1e9, rel=1e-6)


def test_without_a_kept_frame_sizes_are_a_guess(tmp_path: Path) -> None:
    Lived(tmp_path, KeepSettings(below=0.0, masked=False))
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
    assert outcome.first_s == BEGAN_S + STEP_S
    assert set(outcome.hours) == {2}
    assert outcome.days == pytest.approx(1 / 24)
    assert outcome.last_s - outcome.first_s == (FRAMES - 1) * STEP_S
    assert open_log(tmp_path).frames == FRAMES


def test_a_policy_that_speaks_of_another_class_is_refused(tmp_path: Path) -> None:
    Lived(tmp_path, KeepSettings())
    wrong = KeepSettings.model_validate({"policy": [{"kind": "classes", "classes": ["rip"]}]})
    with pytest.raises(PolicyError, match="did you mean 'ripe'"):
        replay(open_log(tmp_path), wrong)


def test_where_the_steady_clock_begins_anew_time_goes_on(tmp_path: Path) -> None:
    for _ in range(3):
        Lived(tmp_path, KeepSettings(), LATER)
    keep = KeepSettings.model_validate({"below": 1.0, "duplicates": {"enabled": False}})
    once, twice = ({"max_per_minute": most} for most in (1, 10_000))
    outcome = replay(open_log(tmp_path), keep.model_copy(update=twice))
    assert outcome.uploads == 3 * FRAMES
    assert outcome.last_s - outcome.first_s == 3 * (FRAMES - 1) * STEP_S
    minutes = 3 * FRAMES * STEP_S / 60
    uploads = replay(open_log(tmp_path), keep.model_copy(update=once)).uploads
    assert uploads == pytest.approx(minutes * len(CAMERAS), abs=2)


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
