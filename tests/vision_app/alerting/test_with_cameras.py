"""The whole application: a sensor's alert is tied to what the camera beside it saw."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from devices.simulated.climate import write_day
from tests.wire.service import check_schema
from vision_app import config
from vision_app.app import App
from vision_app.cli import cli
from vision_app.errors import ConfigError
from vision_app.screen.report import stored_records

BASE = """
[device]
site = "s"
name = "d"
data = "data"
[[camera]]
name = "bed"
kind = "generated"
exempt = "nobody is in it"
[[camera]]
name = "gate"
kind = "generated"
exempt = "nobody is in it"
[[sensor]]
name = "climate"
source = "today.csv"
speed = 0
model = "greenhouse-climate"
"""
REST = """
[sensor.alert]
cameras = ["bed"]
[keep]
below = 0.0
masked = false
[spool]
min_free_bytes = 0
[store]
url = "file://{folder}/store"
records_every_s = 0.2
[publish.jsonl]
path = "events.jsonl"
[alert]
hook = ["/bin/sh", "-c", "cat >> {folder}/hook.jsonl; echo >> {folder}/hook.jsonl"]
"""


def test_records_and_alerts_name_each_other(tmp_path: Path) -> None:
    write_day(tmp_path / "today.csv", seed=2, faults=True)
    site = tmp_path / "site.toml"
    site.write_text(BASE + REST.replace("{folder}", str(tmp_path)))
    app = App(config.load(site), str(site))
    app.run(60, lambda: app.stop() if tied(site) and kept(tmp_path) else None)
    assert app.health().problems == ()
    check_schema("health", app.health().payload())

    [record, *others] = kept(tmp_path)
    assert {r["camera"] for r in (record, *others)} == {"bed"}
    check_schema("record", record)
    assert record["reasons"] == ["alert"]
    assert {"id": record["id"], "camera": "bed"} in tied(site)
    ids = {alert["id"] for alert in record["alerts"]}
    raised = {change["alert"] for change in history(site) if change["frames"]}
    assert ids & raised
    assert all(change["told"] == {"jsonl": True} for change in history(site))

    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    anomalies = [event for event in events if event["topic"].endswith("/anomaly")]
    for event in anomalies:
        event.pop("topic")
        check_schema("anomaly", event)
    hooked = [json.loads(line) for line in (tmp_path / "hook.jsonl").read_text().splitlines()]
    assert hooked[0] == anomalies[0]


def kept(folder: Path) -> list[dict[str, Any]]:
    return list(stored_records(folder / "store"))


def history(site: Path) -> list[dict[str, Any]]:
    done = CliRunner().invoke(cli, ["alerts", "history", "--json", "-c", str(site)])
    return [json.loads(line) for line in done.output.splitlines()]


def tied(site: Path) -> list[dict[str, str]]:
    return [frame for change in history(site) for frame in change["frames"]]


def test_a_hook_that_cannot_run_is_said_before_anything_starts(tmp_path: Path) -> None:
    write_day(tmp_path / "today.csv", seed=2, faults=False)
    site = tmp_path / "site.toml"
    site.write_text(BASE + f'[alert]\nhook = ["{tmp_path}/siren"]\n')
    with pytest.raises(ConfigError, match=r"alert\.hook: .*siren is no program that may be run"):
        App(config.load(site), str(site))
    done = CliRunner().invoke(cli, ["check", "-c", str(site)])
    assert "siren is no program" in done.output
    assert done.exit_code == 1


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('[sensor.alert]\ncameras = ["bad"]\n', "no [[camera]] that is named 'bad'"),
        ('[sensor.alert]\nafer = 3\n', "did you mean 'after'"),
        ('[alert]\ncameras = ["bad"]\n', "[alert]: there is no [[camera]] that is named 'bad'"),
        ("[alert]\nack_by_mqtt = true\n", "ack_by_mqtt needs [publish.mqtt]"),
    ],
)  # fmt: skip
def test_what_is_set_up_wrong_is_said(tmp_path: Path, more: str, said: str) -> None:
    site = tmp_path / "site.toml"
    site.write_text(BASE + more)
    with pytest.raises(ConfigError) as refused:
        config.load(site)
    assert said in str(refused.value)
