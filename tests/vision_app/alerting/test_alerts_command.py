"""`vision-app alerts` on what a real desk left, beside it and without it."""

import json
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.vision_app.alerting.alerts import Ear, desk_of, see
from tests.wire.service import check_schema
from vision_app.alerting.desk import Desk
from vision_app.cli import cli
from vision_app.errors import AppError, Refused


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "site.toml").write_text('[device]\nsite = "s"\nname = "d"\ndata = "."\n')
    busy = desk_of(tmp_path, {"ear": Ear()}, ("climate", "door"))
    see(busy, "!!...", "door")
    see(busy, "!!", begin=100)
    busy.step()
    busy.step()
    return busy


def run(folder: Path, *words: str) -> Result:
    command = ["alerts", *words, "-c", str(folder / "site.toml")]
    return CliRunner().invoke(cli, command, catch_exceptions=False, env={"COLUMNS": "200"})


def said(folder: Path, *words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run(folder, *words, "--json").output.splitlines()]


def test_what_stands_is_listed_as_it_is_retained(tmp_path: Path, desk: Desk) -> None:
    [state] = said(tmp_path, "list")
    check_schema("alert", state)
    assert (state["sensor"], state["state"]) == ("climate", "raised")
    assert "temperature_c makes 75% of it" in run(tmp_path, "list").output


def test_history_has_every_change_and_who_was_told(tmp_path: Path, desk: Desk) -> None:
    changes = said(tmp_path, "history")
    told = [change.pop("told") for change in changes]
    for change in changes:
        check_schema("anomaly", change | {"again": False})
    assert [(c["sensor"], c["state"]) for c in changes] == [
        ("door", "raised"),
        ("door", "cleared"),
        ("climate", "raised"),
    ]
    assert told == [{"ear": True}] * 3
    assert len(said(tmp_path, "history", "--limit", "1")) == 1
    assert "cleared" in run(tmp_path, "history").output


def test_an_alert_is_acknowledged_beside_a_running_service(tmp_path: Path, desk: Desk) -> None:
    [state] = said(tmp_path, "list")
    service = Thread(target=lambda: [desk.step() for _ in range(12)])
    service.start()
    assert "is acknowledged" in run(tmp_path, "ack", state["alert"]).output
    service.join()
    [state] = said(tmp_path, "list")
    assert state["state"] == "acknowledged"
    assert state["acknowledged_at"] is not None
    assert said(tmp_path, "ack", state["alert"]) == [
        {"alert": state["alert"], "state": "acknowledged"}
    ]


def test_without_a_service_the_next_start_acknowledges_it(tmp_path: Path, desk: Desk) -> None:
    [state] = said(tmp_path, "list")
    assert "its next start acknowledges" in run(tmp_path, "ack", state["alert"]).output
    ear = Ear()
    desk_of(tmp_path, {"ear": ear}, ("climate", "door")).step()
    assert [event.payload()["state"] for event in ear.heard] == ["acknowledged"]


def test_what_is_no_open_alert_is_refused_in_a_sentence(tmp_path: Path, desk: Desk) -> None:
    door = said(tmp_path, "history")[0]["alert"]
    with pytest.raises(Refused, match="is no id of an alert"):
        run(tmp_path, "ack", "../climate")
    with pytest.raises(AppError, match="is cleared already"):
        run(tmp_path, "ack", door)
    with pytest.raises(AppError, match="there is no alert"):
        run(tmp_path, "ack", "0198c2d4-7b5e-7c1a-9f00-3d2b1a4c5e6f")


def test_a_device_without_alerts_says_so(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text('[device]\ndata = "."\n')
    assert run(tmp_path, "list").output == "no alert stands\n"
