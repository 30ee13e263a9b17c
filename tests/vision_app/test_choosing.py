"""What decides about frames, from the configuration to what the next start goes on with."""

import logging
from pathlib import Path
from typing import Any

import pytest

from tests.uploader.choosing.deciding import prediction
from tests.uploader.samples import masked
from uploader.choosing.choice import Choice
from uploader.queue.entries import CHOOSING, CLOCK
from uploader.steady import SteadyClock
from vision_app import config
from vision_app.app import App
from vision_app.choosing import Choosing, names_in, open_choosing, widened
from vision_app.errors import ConfigError
from vision_app.settings import Settings

CAMERA = {"name": "bench", "kind": "generated", "exempt": "nobody is in it"}
UNSURE = {"kind": "least_confidence", "threshold": 0.6, "per_day": 1}


def told(folder: Path, *policies: dict[str, Any], **said: Any) -> Settings:
    raw = {"camera": [CAMERA], "keep": {"policy": policies, "gap_s": 0}} | said
    return config.complete(config.parse(raw, "a test"), folder, {"XDG_DATA_HOME": str(folder)})


def opened(settings: Settings) -> Choosing:
    assert settings.spool.folder is not None
    clock = SteadyClock(settings.spool.folder / CHOOSING / CLOCK)
    return open_choosing(settings, names_in(settings, ("class-0", "class-1")), clock)


def keep_one(choosing: Choosing, seq: int) -> bool:
    candidate = choosing.chooser.wanted(masked(seq), prediction(0.55), 0)
    assert candidate is not None
    weighed = choosing.chooser.weigh(candidate)
    if isinstance(weighed, Choice):
        choosing.chooser.kept(candidate, weighed, 1000)
    return isinstance(weighed, Choice)


def test_what_is_used_of_a_budget_survives_a_restart(tmp_path: Path) -> None:
    settings = told(tmp_path, UNSURE)
    first = opened(settings)
    assert keep_one(first, 1)
    first.close()
    second = opened(settings)
    assert not keep_one(second, 2)
    assert second.budgets.used()["per_day of policy least_confidence"].used == 1
    assert second.problem == ""
    second.close()


def test_time_goes_on_over_a_restart(tmp_path: Path) -> None:
    settings = told(tmp_path, UNSURE)
    first = opened(settings)
    before_s = first.clock.now_s()
    first.close()
    second = opened(settings)
    assert before_s <= second.clock.now_s() < before_s + 60
    second.close()


def test_only_sensors_with_a_model_may_alert(tmp_path: Path) -> None:
    sensors = [{"name": "a", "source": "a.csv"}, {"name": "b", "source": "b.csv", "model": "./m"}]
    names = names_in(told(tmp_path, sensor=sensors), ("ripe",))
    assert (names.labels, names.sensors, names.cameras) == (("ripe",), ("b",), ("bench",))


def test_a_policy_that_speaks_of_what_is_not_there_is_refused_at_start_with_its_place(
    tmp_path: Path,
) -> None:
    settings = told(
        tmp_path,
        {"kind": "classes", "classes": ["rpie"]},
        {"kind": "masked", "cameras": ["bnch"]},
        {"kind": "sensor"},
    )
    with pytest.raises(ConfigError) as caught:
        App(settings, "site.toml")
    assert [fault.where for fault in caught.value.faults] == [
        "keep.policy[0]", "keep.policy[1]", "keep.policy[2]",
    ]  # fmt: skip
    assert "the model has no class 'rpie'; did you mean 'ripe'?" in str(caught.value)


def test_an_audit_is_said_loudly_at_start(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    App(told(tmp_path, {"kind": "audit", "share": 0.002})).run(0)
    loud = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert any(line.startswith("audit keeps 0.2% of all frames by chance") for line in loud)


def test_nothing_is_said_to_be_widened_where_nothing_is(tmp_path: Path) -> None:
    assert list(widened(told(tmp_path, UNSURE))) == []
    some = {"kind": "audit", "share": 0.5, "cameras": ["bench"]}
    (sentence,) = widened(told(tmp_path, UNSURE, some))
    assert "50% of all frames of bench" in sentence


def test_health_notes_a_budget_that_is_used_up_and_is_well(tmp_path: Path) -> None:
    app = App(told(tmp_path, UNSURE))
    assert app.health().notes == ()
    app.choosing.budgets.charge("least_confidence", "bench", 1000)
    (note,) = app.health().notes
    assert (
        "per_day of policy least_confidence = 1 is used up: no frame is kept for 24 hours" in note
    )
    assert note not in app.health().problems
    app.run(0)
