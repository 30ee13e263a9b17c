"""From the command line: which of two models judges a sensor."""

import json
from pathlib import Path

import pytest

from devices.simulated.climate import write_day
from models.anomaly.stream import AnomalyModel
from tests.models.anomaly.anomaly_bundles import write
from tests.vision_app.test_cli import vision_app
from vision_app.config import load
from vision_app.sensors.live_models import in_use_of

BUILT_IN = "greenhouse-climate"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A day that the built-in model has not learnt, a site, and a model that knows neither."""
    folder = tmp_path_factory.mktemp("house")
    write_day(folder / "day.csv", 7, faults=False)
    rows = (folder / "day.csv").read_text().replace("2026-04-01", "2030-04-01")
    (folder / "day.csv").write_text(rows)
    (folder / "site.toml").write_text(
        f"[device]\ndata = 'data'\n[[sensor]]\nname = 'climate'\nkind = 'csv'\n"
        f"source = 'day.csv'\nmodel = '{BUILT_IN}'\n"
    )
    write(folder / "foolish")
    return folder


def in_use(house: Path) -> str:
    configured = AnomalyModel.open(BUILT_IN)
    where = in_use_of(load(house / "site.toml"), "climate", configured).path
    return AnomalyModel.open(where).id.name


def replace(house: Path, next: str, *words: str) -> tuple[int, str]:
    asked = ("anomaly", "replace", next, "day.csv", "-c", "site.toml", "--held-out", "1")
    done = vision_app(*asked, *words, cwd=house)
    return done.returncode, done.stdout + done.stderr


def test_compare_says_in_json_what_it_found_and_its_exit_code_is_the_verdict(house: Path) -> None:
    asked = ("anomaly", "compare", BUILT_IN, "foolish", "day.csv", "--held-out", "1", "--json")
    done = vision_app(*asked, cwd=house)
    found = json.loads(done.stdout)
    assert (done.returncode, found["may_replace"]) == (1, False)
    assert found["verdict"].startswith("worse: the next model does not judge")
    same = vision_app(*asked[:3], BUILT_IN, *asked[4:7], cwd=house)
    assert same.returncode == 0
    assert "may replace" in same.stdout
    assert "planted changes found" in same.stdout


def test_labels_that_say_nothing_are_refused(house: Path) -> None:
    (house / "labels.csv").write_text("from,to\n1,2\n")
    asked = ("anomaly", "compare", BUILT_IN, BUILT_IN, "day.csv", "--labels", "labels.csv")
    done = vision_app(*asked, cwd=house)
    assert done.returncode == 2
    assert "columns start and end" in done.stderr


def test_a_worse_model_takes_nobodys_place_unless_somebody_says_why(house: Path) -> None:
    assert replace(house, "foolish")[0] == 1
    assert in_use(house) == BUILT_IN
    assert replace(house, "foolish", "--force", " ")[0] == 2
    assert in_use(house) == BUILT_IN
    code, said = replace(house, "foolish", "--force", "a trial on Monday")
    assert (code, in_use(house)) == (0, "bench"), said
    (note,) = (house / "data" / "anomaly-models").rglob("replaced.jsonl")
    assert json.loads(note.read_text())["why"].startswith("forced: a trial on Monday (worse")
    done = vision_app("anomaly", "rollback", "-c", "site.toml", cwd=house)
    assert (done.returncode, in_use(house)) == (0, BUILT_IN)
    assert vision_app("anomaly", "rollback", "-c", "site.toml", cwd=house).returncode == 1


def test_a_sensor_that_is_not_there_is_said_with_those_that_are(house: Path) -> None:
    code, said = replace(house, BUILT_IN, "--sensor", "door")
    assert code == 2
    assert "name one with --sensor (climate)" in said
