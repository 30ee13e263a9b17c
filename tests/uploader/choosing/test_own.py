"""Cameras that keep otherwise than the others."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from masking.masker import Masker
from masking.settings import MaskingSettings
from tests.uploader.choosing.deciding import AUDIT, TIED, UNSURE, prediction
from tests.uploader.choosing.rows import labels
from tests.uploader.samples import frame
from uploader.choosing.budgets.budgets import Budgets
from uploader.choosing.candidate import Candidate, Refusal
from uploader.choosing.choice import Choice
from uploader.choosing.chooser import Chooser
from uploader.choosing.looks.duplicates import Duplicates
from uploader.choosing.own import CameraKeepSettings, own
from uploader.choosing.policies import Names, policies_of, reason_of
from uploader.choosing.settings import KeepSettings

CAMERAS = ("bench", "door", "gate")
FREE = {"gap_s": 0.0, "duplicates": {"enabled": False}}


@dataclass
class Bench:
    """Three cameras, of which some have rules of their own."""

    said: Mapping[str, Any]
    owns: Mapping[str, Mapping[str, Any]]
    folder: Path | None = None
    at_s: float = 1_000.0
    draw: float = 0.99
    chooser: Chooser = field(init=False)
    budgets: Budgets = field(init=False)

    def __post_init__(self) -> None:
        keep = KeepSettings.model_validate(FREE | dict(self.said))
        owns = {
            name: own(keep, CameraKeepSettings.model_validate(said))
            for name, said in self.owns.items()
        }
        limits = {reason_of(policy): policy for policy in policies_of(keep)}
        now = lambda: self.at_s  # noqa: E731
        self.budgets = Budgets(keep.budget, limits, keep.max_per_minute, now, self.folder, owns)
        duplicates, names = Duplicates(keep.duplicates, None, owns), Names(labels(2), (), CAMERAS)
        self.chooser = Chooser(keep, names, self.budgets, duplicates, now, lambda: self.draw, owns)

    def sees(self, best: float, camera: str, seq: int = 0) -> Choice | Refusal | None:
        """What is decided of a frame of that camera, which the spool then takes."""
        raw = replace(frame(seq), camera=camera)
        picture = Masker(None, MaskingSettings(), "nobody is in it").mask_alone(raw)
        candidate: Candidate | None = self.chooser.wanted(picture, prediction(best), alerts=0)
        if candidate is None:
            return None
        weighed = self.chooser.weigh(candidate)
        if isinstance(weighed, Choice):
            self.chooser.kept(candidate, weighed, 1000)
        return weighed

    def reasons(self, best: float) -> dict[str, tuple[str, ...]]:
        seen = {camera: self.sees(best, camera) for camera in CAMERAS}
        return {name: one.reasons for name, one in seen.items() if isinstance(one, Choice)}


def test_a_policy_of_its_own_stands_instead_of_all_others_and_only_there() -> None:
    bench = Bench({"policy": [UNSURE]}, {"door": {"policy": [TIED]}})
    assert bench.reasons(0.58) == {"bench": ("unsure",), "door": ("tied",), "gate": ("unsure",)}
    assert bench.reasons(0.45) == {"bench": ("unsure",), "door": ("tied",), "gate": ("unsure",)}
    assert bench.reasons(0.7) == {}


def test_a_policy_for_cameras_that_all_have_their_own_is_for_none() -> None:
    common = UNSURE | {"cameras": ["door"]}
    bench = Bench({"policy": [common]}, {"door": {"policy": [TIED]}})
    assert bench.reasons(0.55) == {"door": ("tied",)}


def test_one_of_the_three_makes_policies_of_its_own_also_beside_policies() -> None:
    bench = Bench({"policy": [TIED]}, {"door": {"below": 0.9, "masked": False}})
    assert bench.reasons(0.8) == {"door": ("low_confidence",)}


def test_what_is_not_named_is_as_for_all() -> None:
    keep = KeepSettings.model_validate({"below": 0.4, "gap_s": 3.0, "duplicates": {"bits": 2}})
    its = own(keep, CameraKeepSettings.model_validate({"duplicates": {"remember": 9}}))
    assert its.keep.duplicates == keep.duplicates.model_copy(update={"remember": 9})
    assert (its.keep.below, its.keep.gap_s, its.has_policies) == (0.4, 3.0, False)


def test_its_rate_and_gap_are_its_own() -> None:
    bench = Bench({"policy": [UNSURE]}, {"door": {"max_per_minute": 1}, "gate": {"gap_s": 60.0}})
    kept = dict.fromkeys(CAMERAS, 0)
    refused = {}
    for _ in range(3):
        for camera in CAMERAS:
            seen = bench.sees(0.55, camera)
            kept[camera] += isinstance(seen, Choice)
            refused[camera] = seen
        bench.at_s += 1
    assert kept == {"bench": 3, "door": 1, "gate": 1}
    assert (refused["door"], refused["gate"]) == (Refusal.OVER_BUDGET, Refusal.TOO_SOON)


def test_its_budget_is_within_that_of_the_device_and_survives_a_restart(tmp_path: Path) -> None:
    said = {"policy": [UNSURE], "budget": {"images_per_day": 3}}
    owns = {"door": {"budget": {"images_per_hour": 1}}}
    bench = Bench(said, owns, tmp_path)
    assert isinstance(bench.sees(0.55, "door"), Choice)
    assert bench.sees(0.55, "door") is Refusal.OVER_BUDGET
    assert isinstance(bench.sees(0.55, "bench"), Choice)
    bench.budgets.close()
    again = Bench(said, owns, tmp_path)
    assert again.budgets.used()["images_per_hour of camera door"].used == 1
    assert again.sees(0.55, "door") is Refusal.OVER_BUDGET
    assert isinstance(again.sees(0.55, "gate"), Choice)
    assert again.sees(0.55, "bench") is Refusal.OVER_BUDGET, "the device's"


def test_a_limit_of_a_policy_is_not_that_of_another_cameras_policy_of_that_name() -> None:
    bench = Bench(
        {"policy": [UNSURE | {"per_day": 1}]}, {"door": {"policy": [UNSURE | {"per_day": 2}]}}
    )
    kept = [isinstance(bench.sees(0.55, camera), Choice) for camera in ("bench", "gate", "door")]
    assert kept == [True, False, True]
    assert isinstance(bench.sees(0.55, "door"), Choice)
    assert bench.sees(0.55, "door") is Refusal.OVER_BUDGET
    assert bench.budgets.used()["per_day of policy unsure of camera door"].used == 2


def test_near_duplicates_may_be_kept_of_one_camera_only() -> None:
    said = {"policy": [UNSURE], "duplicates": {"enabled": True}}
    bench = Bench(said, {"door": {"duplicates": {"enabled": False}}})
    twice = {camera: [bench.sees(0.55, camera) for _ in range(2)][1] for camera in CAMERAS}
    assert isinstance(twice["door"], Choice)
    assert twice["bench"] is twice["gate"] is Refusal.NEAR_DUPLICATE


def test_an_audit_of_one_camera_makes_no_audit_of_anothers_policy_of_that_name() -> None:
    named = UNSURE | {"name": "audit"}
    bench = Bench({"policy": [named], "gap_s": 60.0}, {"door": {"policy": [AUDIT]}}, draw=0.1)
    assert [isinstance(bench.sees(0.55, "door"), Choice) for _ in range(2)] == [True, True]
    assert isinstance(bench.sees(0.55, "bench"), Choice)
    assert bench.sees(0.55, "bench") is Refusal.TOO_SOON


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"policy": [TIED], "below": 0.5}, "below count for nothing beside"),
        ({"policy": [TIED, TIED]}, r"two \[\[camera.keep.policy\]\] blocks are 'tied'"),
        ({"policy": [TIED | {"cameras": ["door"]}]}, "is for its own camera"),
        ({"jpeg_quality": 90}, "Extra inputs"),
    ],
)
def test_what_contradicts_itself_is_refused(said: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        CameraKeepSettings.model_validate(said)


def test_what_contradicts_the_rules_for_all_is_refused() -> None:
    with pytest.raises(ValueError, match="must not exceed"):
        own(KeepSettings(above=0.6, below=0.5), CameraKeepSettings(below=0.8))
