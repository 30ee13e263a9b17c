import logging
from pathlib import Path
from typing import Any

import pytest

from devices.boards.accelerators import accelerators
from tests.models.networks import colour_bundle
from tests.wire.service import check_schema
from vision_app import config
from vision_app.app import App
from vision_app.events import Event, PredictionEvent


def run(folder: Path, **model: Any) -> None:
    """The service with a made-up camera, for a moment."""
    camera = {"name": "demo", "kind": "generated", "exempt": "nobody is in it"}
    told = config.parse({"camera": [camera], "model": model}, "a test")
    App(config.complete(told, folder, {"XDG_DATA_HOME": str(folder)})).run(0)


def levels(captured: pytest.LogCaptureFixture) -> dict[str, int]:
    """The level of each line by its beginning."""
    return {text.partition(": ")[0]: level for _, level, text in captured.record_tuples}


def test_what_nobody_asked_for_is_no_warning_and_no_accelerator_is_missed_that_is_not_here(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "vision_app")
    run(tmp_path, bundle=str(colour_bundle(tmp_path / "b")))
    told = {line: level for line, level in levels(caplog).items() if "cannot use" in line}
    seen = {chip.vendor for chip in accelerators()}
    assert set(told.values()) <= {logging.INFO}
    assert bool(told) == ("NVIDIA" in seen)


def test_what_was_asked_for_and_failed_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run(tmp_path, runtime={"delegate": "absent.so"})
    assert levels(caplog)["litert delegate was skipped for model.tflite"] == logging.WARNING


def test_the_start_tells_which_model_runs_on_what(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "vision_app")
    run(tmp_path, backend="litert")
    assert levels(caplog)["model greenhouse-tomatoes 1 runs on litert"] == logging.INFO


def test_who_hears_hears_predictions_and_is_not_told_to(tmp_path: Path) -> None:
    exempt = {"name": "demo", "kind": "generated", "exempt": "nobody is in it"}
    told = config.complete(
        config.parse({"camera": [exempt]}, "a test"), tmp_path, {"XDG_DATA_HOME": str(tmp_path)}
    )
    heard: list[Event] = []
    app = App(told, hear=heard.append)
    assert app.health().cameras["demo"]["age_s"] is None
    app.run(30, lambda: app.stop() if heard else None)
    assert {type(event) for event in heard} == {PredictionEvent}
    books = app.health().cameras["demo"]
    assert books["ends"]["publish_refused"] == len(heard), "hearing is not publishing"
    assert 0 <= books["age_s"] < 30
    check_schema("health", app.health().payload())
