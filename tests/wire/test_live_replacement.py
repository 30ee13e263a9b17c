"""A running service takes up another anomaly model, says so in health, and goes back."""

import json
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from devices.simulated.climate import write_day
from tests.models.anomaly.anomaly_bundles import write
from tests.vision_app.test_cli import vision_app
from tests.wire.service import SCHEMAS, service, stopped

pytestmark = pytest.mark.wire
PATIENCE_S, LOOK_S = 40.0, 0.2


def healths(folder: Path) -> list[dict[str, Any]]:
    path = folder / "events.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    told = [json.loads(line) for line in lines if line.endswith("}")]
    told = [{key: value for key, value in event.items() if key != "topic"} for event in told]
    return [event for event in told if event["schema"].startswith("vision-app/health")]


def judged_by(process: "subprocess.Popen[bytes]", folder: Path, model: str) -> dict[str, Any]:
    """The first health after now in which that model has judged something."""
    until_s, before = time.monotonic() + PATIENCE_S, len(healths(folder))
    while process.poll() is None and time.monotonic() < until_s:
        for health in healths(folder)[before:]:
            drift = health["sensors"]["climate"]["drift"]
            if drift.get("model") == model and drift["today"]:
                return health
        with suppress(subprocess.TimeoutExpired):
            process.wait(LOOK_S)
    raise AssertionError(f"no {model}: {(folder / 'service.log').read_text()}")


def test_a_running_service_takes_up_the_next_model_and_the_one_before(tmp_path: Path) -> None:
    write_day(tmp_path / "day.csv", 7, faults=False)
    write(tmp_path / "next")
    config = (
        f"[device]\ndata = '{tmp_path}/data'\n[health]\nevery_s = 0.5\n"
        f"[[sensor]]\nname = 'climate'\nkind = 'csv'\nsource = '{tmp_path}/day.csv'\n"
        "speed = 1000\nloop = true\nmodel = 'greenhouse-climate'\n"
        f"[publish.jsonl]\npath = '{tmp_path}/events.jsonl'\n"
    )
    asked = ("anomaly", "replace", "next", "day.csv", "-c", "site.toml", "--force", "a trial")
    with service(tmp_path, config) as process:
        first = judged_by(process, tmp_path, "greenhouse-climate 1")
        done = vision_app(*asked, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        second = judged_by(process, tmp_path, "bench 1")
        assert vision_app("anomaly", "rollback", "-c", "site.toml", cwd=tmp_path).returncode == 0
        third = judged_by(process, tmp_path, "greenhouse-climate 1")
        assert stopped(process) == 0
    schema = json.loads((SCHEMAS / "health.json").read_text())
    for health in (first, second, third):
        jsonschema.validate(health, schema)
    assert json.loads((tmp_path / "data" / "drift" / "climate.json").read_text().split("\n", 1)[1])
