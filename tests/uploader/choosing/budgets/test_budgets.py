import json
import logging
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.uploader.disks import FailingDisk
from uploader import checked_file
from uploader.choosing.budgets.budgets import Budgets, Use
from uploader.choosing.budgets.limits import DAY_S, HOUR_S, MINUTE_S, MONTH_S
from uploader.choosing.kinds import Limits
from uploader.choosing.settings import BudgetSettings, PriceSettings

DOOR, LANE = "door", "lane"
LOW, FACE = "low_confidence", "masked"
NO_LIMIT = BudgetSettings()
ONE_OF_EACH = BudgetSettings(
    images_per_minute=100,
    images_per_hour=100,
    images_per_day=100,
    bytes_per_minute=10**9,
    bytes_per_hour=10**9,
    bytes_per_day=10**9,
    money_per_month=5.0,
    reviews_per_day=100,
)


@dataclass
class Device:
    """Budgets in a folder, and a clock that is moved by hand."""

    folder: Path | None
    settings: BudgetSettings = NO_LIMIT
    limits: Mapping[str, Limits] | None = None
    max_per_minute: int = 1000
    at_s: float = 1e6

    def __post_init__(self) -> None:
        self.budgets = self.opened()

    def opened(self) -> Budgets:
        limits = self.limits or {}
        return Budgets(self.settings, limits, self.max_per_minute, lambda: self.at_s, self.folder)

    def killed(self) -> "Device":
        """And started again; only the files are left."""
        self.budgets = self.opened()
        return self

    def restarted(self) -> "Device":
        self.budgets.close()
        return self.killed()

    def keeps(self, count: int, size_bytes: int = 1000, reason: str = LOW) -> int:
        """How many of so many frames there was room for."""
        kept = 0
        for _ in range(count):
            if self.budgets.left(reason, DOOR):
                self.budgets.charge(reason, DOOR, size_bytes, "cat")
                kept += 1
        return kept


def settings(**named: Any) -> BudgetSettings:
    return BudgetSettings(**named)


@pytest.mark.parametrize(
    ("named", "size_bytes", "length_s"),
    [
        ({"images_per_minute": 5}, 1, MINUTE_S),
        ({"images_per_hour": 5}, 1, HOUR_S),
        ({"images_per_day": 5}, 1, DAY_S),
        ({"bytes_per_minute": 5000}, 1000, MINUTE_S),
        ({"bytes_per_hour": 5000}, 1000, HOUR_S),
        ({"bytes_per_day": 5000}, 1000, DAY_S),
        ({"money_per_month": 0.00005}, 0, MONTH_S),  # a frame is two requests
        ({"reviews_per_day": 5}, 1, DAY_S),
    ],
)
def test_each_limit_of_the_device_holds_as_long_as_it_says(
    named: dict[str, Any], size_bytes: int, length_s: float
) -> None:
    device = Device(None, settings(**named))
    assert device.keeps(20, size_bytes) == 5
    device.at_s += length_s * 0.999
    assert device.keeps(20, size_bytes) == 0
    device.at_s += length_s * 0.001
    assert device.keeps(20, size_bytes) == 5


def test_policies_have_limits_of_their_own() -> None:
    device = Device(None, limits={LOW: Limits(per_minute=2, per_day=3), FACE: Limits()})
    assert device.keeps(10) == 2
    assert device.keeps(10, reason=FACE) == 10
    device.at_s += MINUTE_S
    assert device.keeps(10) == 1


def test_cameras_have_a_limit_of_their_own() -> None:
    device = Device(None, max_per_minute=3)
    assert device.keeps(10) == 3
    assert device.budgets.left(LOW, LANE)
    assert Device(None, max_per_minute=0).keeps(10) == 0


def test_a_frame_of_the_usual_size_never_exceeds_a_limit_in_bytes() -> None:
    device = Device(None, settings(bytes_per_hour=10_500))
    assert device.keeps(20, 1000) == 10
    assert device.budgets.used()["bytes_per_hour"] == Use(10_000, 10_500)


def test_only_a_frame_that_is_larger_than_those_before_does_and_only_one() -> None:
    device = Device(None, settings(bytes_per_hour=10_000))
    assert device.keeps(9, 1000) == 9
    assert device.keeps(1, 5000) == 1
    assert device.keeps(1, 1) == 0
    assert device.budgets.used()["bytes_per_hour"].used == 14_000


def test_a_small_frame_does_not_hide_that_others_are_large() -> None:
    device = Device(None, settings(bytes_per_hour=10_000))
    device.keeps(1, 5000)
    device.keeps(1, 200)
    assert device.keeps(1, 5000) == 0


def test_a_night_does_not_make_frames_smaller() -> None:
    device = Device(None, settings(bytes_per_day=10_500))
    device.keeps(5, 1000)
    device.at_s += 0.9 * DAY_S
    assert device.keeps(20, 1000) == 5


def test_one_huge_frame_does_not_stop_a_camera_for_ever() -> None:
    device = Device(None, settings(bytes_per_hour=10_000))
    device.keeps(1, 40_000)
    device.at_s += 0.9 * HOUR_S
    assert device.keeps(1, 1000) == 0
    device.at_s += 0.1 * HOUR_S
    assert device.keeps(1, 1000) == 1


def test_reviews_go_to_what_is_uncertain_and_stop_with_the_day() -> None:
    device = Device(None, settings(reviews_per_day=40))
    kept = []
    for each in range(20_000):
        device.at_s += 4.0
        uncertainty = each * 0.618034 % 1.0
        if device.budgets.left(LOW, DOOR) and device.budgets.review("cat", uncertainty):
            device.budgets.charge(LOW, DOOR, 1000, "cat")
            kept.append(uncertainty)
    assert 35 <= len(kept) <= 40
    assert sum(uncertainty > 0.95 for uncertainty in kept) > 0.9 * len(kept)


def test_without_a_review_budget_everything_is_worth_a_review() -> None:
    assert Device(None).budgets.review("cat", 0.0)


def test_what_is_used_is_told_by_name(tmp_path: Path) -> None:
    device = Device(tmp_path, ONE_OF_EACH, {LOW: Limits(per_hour=7)}, max_per_minute=30)
    device.keeps(2, 500_000)
    used = device.budgets.used()
    assert used["images_per_day"] == Use(2, 100)
    assert used["bytes_per_hour"] == Use(1_000_000, 10**9)
    assert used["reviews_per_day"] == Use(2, 100)
    assert used["per_hour of policy low_confidence"] == Use(2, 7)
    assert used["max_per_minute of camera door"] == Use(2, 30)
    assert used["money_per_month"].used == pytest.approx(2 * (0.00001 + 0.0005 * 0.023))


def test_a_limit_that_is_used_up_is_said_in_a_sentence() -> None:
    device = Device(None, settings(images_per_day=2, images_per_minute=1), max_per_minute=1)
    device.keeps(1)
    assert not device.budgets.spent, "a minute is over before anybody has read it"
    device.at_s += HOUR_S
    device.keeps(1)
    assert device.budgets.spent == ("images_per_day = 2 is used up: no frame is kept for 23 hours",)


def test_a_limit_that_no_frame_can_meet_is_said() -> None:
    device = Device(None, settings(money_per_month=0.5, prices=PriceSettings(label=0.6)))
    assert device.keeps(1) == 0
    assert device.budgets.spent == ("money_per_month = 0.5 allows no frame at all: raise it",)


@pytest.mark.parametrize("end", [Device.restarted, Device.killed])
@pytest.mark.parametrize(
    "named",
    [
        {"images_per_day": 9},
        {"bytes_per_day": 9000},
        {"money_per_month": 0.00009},
        {"reviews_per_day": 9},
    ],
)
def test_a_restart_makes_no_room(tmp_path: Path, named: dict[str, Any], end: Any) -> None:
    size_bytes = 0 if "money_per_month" in named else 1000
    device = Device(tmp_path, settings(**named))
    assert device.keeps(6, size_bytes) == 6
    end(device)
    missing = 0 if end is Device.restarted else 1
    assert device.keeps(20, size_bytes) == 3 - missing


def test_policies_and_cameras_are_remembered_as_well(tmp_path: Path) -> None:
    device = Device(tmp_path, limits={LOW: Limits(per_minute=5)}, max_per_minute=8)
    assert device.keeps(20) == 5
    device.restarted()
    assert device.keeps(20) == 0
    assert device.keeps(20, reason=FACE) == 3


def test_a_frame_that_was_being_kept_when_all_ended_is_counted_everywhere(tmp_path: Path) -> None:
    device = Device(tmp_path, ONE_OF_EACH, {LOW: Limits(per_hour=7)}, max_per_minute=30)
    device.keeps(2, 1000)
    used = device.killed().budgets.used()
    assert {use.used for name, use in used.items() if "images" in name or "of" in name} == {3}
    assert used["bytes_per_day"].used == 3000
    assert used["reviews_per_day"].used == 3


def test_a_camera_that_kept_its_first_frame_then_is_counted_too(tmp_path: Path) -> None:
    device = Device(tmp_path, max_per_minute=3).killed()
    assert device.keeps(20) == 2


def test_starting_again_and_again_uses_up_nothing_more(tmp_path: Path) -> None:
    device = Device(tmp_path, settings(images_per_day=10))
    device.keeps(1)
    for _ in range(20):
        device.killed()
    assert device.keeps(3) == 3
    device.killed()
    assert device.keeps(20) == 10 - 1 - 1 - 3 - 1


def test_after_an_orderly_end_nothing_is_missing(tmp_path: Path) -> None:
    device = Device(tmp_path, settings(images_per_day=10))
    for _ in range(10):
        assert device.restarted().keeps(1) == 1
    assert device.restarted().keeps(1) == 0


def test_killed_at_any_moment_it_knows_all_that_was_counted(tmp_path: Path) -> None:
    device = Device(tmp_path / "now", settings(images_per_day=10))
    copies: list[tuple[int, Path]] = []
    counted = 0

    def copy(event: str, arguments: tuple[Any, ...]) -> None:
        if event in ("open", "os.rename", "os.remove") and "now" in str(arguments[0]):
            copies.append((counted, tmp_path / f"copy {len(copies)}"))
            watched, watch["on"] = watch["on"], False
            shutil.copytree(tmp_path / "now", copies[-1][1]) if watched else copies.pop()
            watch["on"] = watched

    watch = {"on": True}
    sys.addaudithook(copy)
    for _ in range(4):
        device.budgets.charge(LOW, DOOR, 1000)
        counted += 1
    device.budgets.close()
    watch["on"] = False
    assert len(copies) > 15
    for before, folder in copies:
        used = Device(folder, device.settings).budgets.used()["images_per_day"].used
        assert before <= used <= before + 2


@pytest.mark.parametrize("damage", [b"", b"foreign", b"00000000\n{}", None])
def test_after_damage_everything_is_used_up_once(
    tmp_path: Path, damage: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    device = Device(tmp_path, ONE_OF_EACH, {LOW: Limits(per_hour=7)}, max_per_minute=5)
    device.keeps(2)
    device.budgets.close()
    file = tmp_path / "spent.json"
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"1000000.0", b"2000000.0") if damage is None else damage)
    device.killed()
    assert caplog.text.count("counts as used up") == 1
    assert str(file) in caplog.text
    assert all(use.used >= use.limit for use in device.budgets.used().values())
    assert not device.budgets.left(LOW, LANE)
    device.killed()
    assert caplog.text.count("counts as used up") == 1
    device.at_s += MONTH_S
    assert device.keeps(1) == 1


def test_the_limits_of_a_damaged_file_end_when_they_are_over(tmp_path: Path) -> None:
    (tmp_path / "spent.json").write_bytes(b"foreign")
    device = Device(tmp_path, settings(images_per_hour=5), max_per_minute=2)
    device.at_s += MINUTE_S
    assert device.keeps(5) == 0
    device.at_s += HOUR_S - MINUTE_S
    assert device.keeps(5) == 2


def test_after_damage_each_camera_waits_a_minute(tmp_path: Path) -> None:
    (tmp_path / "spent.json").write_bytes(b"foreign")
    device = Device(tmp_path, max_per_minute=2)
    assert device.keeps(5) == 0
    device.at_s += MINUTE_S
    assert device.keeps(5) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "vision-app/budgets/9"},
        {"end": "unheard of"},
        {"taken": {"images_per_day": [[1.0, 2.0, -5]]}},
        {"taken": [1]},
    ],
)
def test_what_is_of_another_form_is_damaged(tmp_path: Path, change: dict[str, Any]) -> None:
    device = Device(tmp_path, settings(images_per_day=5)).restarted()
    file = tmp_path / "spent.json"
    body = checked_file.read(file)
    assert body is not None
    checked_file.write(file, json.dumps({**json.loads(body), **change}).encode())
    assert device.killed().keeps(1) == 0


def test_what_was_learned_may_be_damaged_without_harm(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    device = Device(tmp_path, settings(reviews_per_day=9))
    device.budgets.review("cat", 0.5)
    device.budgets.close()
    (tmp_path / "learned.json").write_bytes(b"foreign")
    assert device.killed().keeps(20) == 9
    assert caplog.text.count("learned anew") == 1


def test_what_was_learned_is_written_along(tmp_path: Path) -> None:
    device = Device(tmp_path, settings(reviews_per_day=1000))
    device.budgets.review("owl", 0.5)
    device.keeps(1)
    assert not (tmp_path / "learned.json").exists()
    device.at_s += 300.0
    device.keeps(1)
    assert b"owl" in (tmp_path / "learned.json").read_bytes()


def test_a_steady_clock_that_began_anew_makes_no_room_and_time_goes_on(tmp_path: Path) -> None:
    device = Device(tmp_path, settings(images_per_day=5, reviews_per_day=5))
    assert device.keeps(20) == 5
    device.budgets.close()
    device.at_s = 0.0
    assert device.killed().keeps(20) == 0
    assert not reviewed(device)
    device.at_s += DAY_S
    assert reviewed(device)
    assert device.keeps(20) == 5


def test_other_limits_take_up_what_they_can(tmp_path: Path) -> None:
    device = Device(tmp_path, settings(images_per_day=5))
    device.keeps(5)
    device.budgets.close()
    device.settings = settings(images_per_day=7, images_per_hour=1)
    assert device.killed().keeps(20) == 1
    device.at_s += HOUR_S
    assert device.keeps(20) == 1
    device.at_s += HOUR_S
    assert device.keeps(20) == 0


def test_saved_reviews_grow_while_the_device_is_off(tmp_path: Path) -> None:
    device = Device(tmp_path, settings(reviews_per_day=4))
    device.keeps(1)
    assert not reviewed(device)
    device.budgets.close()
    device.at_s += DAY_S
    assert reviewed(device.killed())


def test_a_frame_that_is_kept_counts_against_the_hour() -> None:
    device = Device(None, settings(reviews_per_day=20))
    device.at_s += DAY_S
    kept = 0
    for each in range(1000):  # each is less certain than all before
        device.at_s += 1.0
        if device.budgets.review("cat", each / 1000):
            device.budgets.charge(LOW, DOOR, 1000, "cat")
            kept += 1
    assert kept == 5


def reviewed(device: Device) -> int:
    """How many of 120 frames within an hour are worth a review."""
    begin_s, asked = device.at_s, 0
    for each in range(120):
        device.at_s = begin_s + 30 * each
        asked += device.budgets.review("cat", each * 0.618034 % 1.0)
    device.at_s = begin_s
    return asked


def test_without_its_disk_it_counts_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    disk, device = FailingDisk(), Device(tmp_path, settings(images_per_day=5))
    disk.refuse(("open", "spent.json.tmp"))
    assert device.keeps(20) == 5
    assert "Input/output error" in device.budgets.problem
    assert caplog.text.count("not remembered") == 1
    disk.refuse()
    device.budgets.close()
    assert device.budgets.problem == ""
    assert device.killed().keeps(20) == 0


def test_a_file_that_cannot_be_read_is_as_damaged(tmp_path: Path) -> None:
    disk, device = FailingDisk(), Device(tmp_path, settings(images_per_day=5)).restarted()
    disk.refuse(("open", "spent.json"))
    assert device.killed().keeps(20) == 0
    disk.refuse()


def test_in_memory_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    device = Device(None, ONE_OF_EACH)
    device.keeps(3)
    device.budgets.close()
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(autouse=True)
def _warnings(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
