"""Every command of an example is run as it is written."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from devices.simulated.climate import Planted, planted, write_day
from models.anomaly.alarm import Alarm, Change
from models.anomaly.score import score
from models.anomaly.source import Source
from models.anomaly.stream import AnomalyModel
from vision_app.config import load
from vision_app.sensors.live_models import in_use_of

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.wire

RAISED_WITHIN = {
    "heater_drift": timedelta(minutes=100),
    "vent_stuck": timedelta(minutes=20),
    "door_open": timedelta(minutes=10),
}
AFTERMATH = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Ran:
    """The example after all its commands."""

    folder: Path
    bucket: Path


def commands(page: Path) -> list[str]:
    """The lines of its sh blocks."""
    blocks = page.read_text().split("```sh\n")[1:]
    return [line for block in blocks for line in block.split("```")[0].splitlines()]


@pytest.fixture(scope="module")
def greenhouse(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    top = tmp_path_factory.mktemp("examples")
    folder, bucket = top / "greenhouse", top / "bucket"
    folder.mkdir()
    for name in ("README.md", "greenhouse.toml"):
        shutil.copy(ROOT / "examples" / "greenhouse" / name, folder)
    config = folder / "greenhouse.toml"
    config.write_text(config.read_text().replace("/tmp/greenhouse-bucket", str(bucket)))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for command in commands(folder / "README.md"):
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=os.environ | {"PATH": path},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return Ran(folder, bucket)


def alerts(folder: Path, state: str) -> list[dict[str, Any]]:
    """What was told of alerts, in order."""
    lines = (folder / "data" / "events.jsonl").read_text().splitlines()
    told = [event for line in lines if (event := json.loads(line))["topic"].endswith("anomaly")]
    return [event for event in told if event["state"] == state]


def time_of(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["at"].replace("Z", "+00:00"))


@pytest.mark.parametrize("span", planted(24), ids=lambda span: span.fault.name)
def test_each_fault_raises_one_alert_in_time_with_its_signal_that_stands_until_it_is_over(
    greenhouse: Ran, span: Planted
) -> None:
    near = (span.start, span.end + AFTERMATH)
    raised = [e for e in alerts(greenhouse.folder, "raised") if near[0] <= time_of(e) < near[1]]
    cleared = [e for e in alerts(greenhouse.folder, "cleared") if near[0] <= time_of(e) < near[1]]
    assert len(raised) == len(cleared) == 1
    assert time_of(raised[0]) - span.start < RAISED_WITHIN[span.fault.name]
    assert raised[0]["signals"][0]["signal"] in span.fault.signals
    assert time_of(cleared[0]) > span.end


def test_nothing_else_raises_an_alert_and_readings_reach_the_bucket(greenhouse: Ran) -> None:
    assert len(alerts(greenhouse.folder, "raised")) == len(planted(24))
    assert list((greenhouse.bucket / "sensors").rglob("*.parquet"))


def test_the_model_of_newer_readings_is_in_use_in_the_end(greenhouse: Ran) -> None:
    configured = AnomalyModel.open(greenhouse.folder / "climate-model")
    settings = load(greenhouse.folder / "greenhouse.toml")
    used = AnomalyModel.open(in_use_of(settings, "climate", configured).path)
    assert used.id.name == "next-model"


@pytest.mark.parametrize("seed", [3, 4, 5, 6, 7, 11])
def test_a_normal_day_raises_no_alert(greenhouse: Ran, tmp_path: Path, seed: int) -> None:
    write_day(tmp_path / "day.csv", seed, faults=False)
    model = AnomalyModel.open(greenhouse.folder / "climate-model")
    rules = load(greenhouse.folder / "greenhouse.toml").alert
    alarm = Alarm(rules.after, rules.clear_after)
    judged = [row.anomaly for row in score(model, Source(tmp_path / "day.csv")) if row.anomaly]
    assert len(judged) > 4000
    assert Change.RAISED not in [alarm.judge(anomaly) for anomaly in judged]
