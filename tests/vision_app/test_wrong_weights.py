"""A classifier in the place of every face detector: nothing is shown, and nothing kept."""

from pathlib import Path

import pytest

from models.bundles.bundle import BUILT_IN
from models.catalogue.catalogue import catalogue
from models.faces import DETECTORS
from tests.vision_app.rig import footage
from tests.vision_app.shelves import cut_off
from vision_app import config
from vision_app.app import App

CLASSIFIER = BUILT_IN / "greenhouse-tomatoes" / "model.tflite"


def test_a_classifier_for_a_detector_shows_nothing_and_health_is_failing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off(tmp_path, monkeypatch)
    for folder in (tmp_path / "mirror", tmp_path / "cache"):
        folder.mkdir()
        for name in DETECTORS:
            (folder / catalogue()[name].file).write_bytes(CLASSIFIER.read_bytes())
    place = {"name": "door", "kind": "file", "source": str(footage(tmp_path)), "loop": True}
    told = config.parse(
        {
            "camera": [place | {"fps": 50}],
            "keep": {"below": 1.0, "gap_s": 0},
            "spool": {"min_free_bytes": 0},
            "catalogue": {"mirror": str(tmp_path / "mirror"), "cache": str(tmp_path / "cache")},
            "publish": {"jsonl": {"path": str(tmp_path / "events.jsonl")}},
        },
        "a test",
    )
    app = App(config.complete(told, tmp_path, {"XDG_DATA_HOME": str(tmp_path)}))
    app.run(20.0, lambda: app.stop() if "none of" in app.detection.problem else None)

    health = app.health()
    assert health.state == "failing"
    assert health.problems[0].startswith("no face detector, so frames are redacted whole")
    door = health.cameras["door"]
    assert door["captured"] == sum(door["ends"].values())
    assert set(door["ends"]) <= {"redacted", "dropped_newer"}
    assert door["ends"]["redacted"] > 0
    assert "prediction" not in (tmp_path / "events.jsonl").read_text()
    assert not list((tmp_path / "vision-app" / "spool").glob("*.entry"))
