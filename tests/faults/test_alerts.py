"""Alerts of a device that is killed whenever it hurts most, and of one whose disk is full."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.faults.mounts import ext4, small
from tests.vision_app.alerting.alerts import Ear, at, desk_of, see
from vision_app.alerting.course import ended
from vision_app.alerting.shelf import FOLDER, Shelf, read

KILLS = 60


def killed(folder: Path, lives_ms: list[int]) -> None:
    command = [sys.executable, "-m", "tests.faults.alert_device", str(folder)]
    lines = "".join(f"{life}\n" for life in lives_ms)
    done = subprocess.run(command, input=lines, capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["dead"] * len(lives_ms), done.stderr


def told(folder: Path) -> list[dict[str, Any]]:
    """Every event that others have, in order; a kill may have cut one."""
    lines = (folder / "told.jsonl").read_text().splitlines()
    events = []
    for line in lines:
        try:
            events.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return events


def test_kills_forget_no_alert_that_was_told_and_leave_none_untold(quick: Path) -> None:
    moments = random.Random(7)
    killed(quick, [moments.randrange(5, 60) for _ in range(KILLS)])
    history = {kept.alert.id: kept.alert for kept in read(quick / FOLDER)}
    events = told(quick)
    assert len(history) > KILLS / 4
    for event in events:
        alert = history[event["alert"]]
        assert alert.changes[event["number"] - 1].state == event["state"]
    for sensor in ("climate", "door"):
        alerts = [alert for alert in history.values() if alert.sensor == sensor]
        assert all(not alert.open for alert in alerts[:-1]), "no two are open"

    heard = Ear()
    after = desk_of(quick, {"jsonl": heard}, ("climate", "door"))
    after.step()
    known = {(event["alert"], event["number"]) for event in events}
    known |= {(event.payload()["alert"], event.payload()["number"]) for event in heard.heard}
    whole = {(alert.id, c.number) for alert in history.values() for c in alert.changes}
    assert known == whole
    assert after.counts()["damaged"] == 0


def test_between_the_write_and_the_telling_nothing_is_forgotten(quick: Path) -> None:
    script = (
        "import os, sys, pathlib, threading\n"
        "from tests.vision_app.alerting.alerts import Ear, at, desk_of, see\n"
        "class Killer(Ear):\n"
        "    def deliver(self, event):\n"
        "        os.kill(os.getpid(), 9)\n"
        "desk = desk_of(pathlib.Path(sys.argv[1]), {'ear': Killer()}, head_start_s=10)\n"
        "threading.Thread(target=lambda: [desk.step() for _ in range(9)], daemon=True).start()\n"
        "see(desk, '!!')\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(quick)], timeout=60)
    assert done.returncode == -9
    ear = Ear()
    after = desk_of(quick, {"ear": ear})
    after.step()
    [event] = ear.heard
    assert (event.payload()["state"], event.payload()["again"]) == ("raised", True)
    [cleared] = see(after, "...", begin=50)
    assert cleared.id == event.payload()["alert"]


def test_a_full_disk_holds_no_alert_back_and_forgets_none_that_fitted(quick: Path) -> None:
    with small(quick / "disk", "size=64k") as disk:
        ear = Ear()
        busy = desk_of(disk.folder, {"ear": ear}, ("climate", "door"))
        see(busy, "!!", "door")
        busy.step()
        filler = disk.folder / "filler"
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        see(busy, "!!", begin=10)
        busy.step()
        assert [event.payload()["sensor"] for event in ear.heard] == ["door", "climate"]
        assert "No space left" in busy.problem
        assert [kept.alert.sensor for kept in read(disk.folder / FOLDER)] == ["door"]
        filler.unlink()
        busy.step()
        assert busy.problem == ""
        assert len(read(disk.folder / FOLDER)) == 2


def test_a_power_cut_takes_no_alert_that_was_kept_nor_the_version_before(tmp_path: Path) -> None:
    with ext4(tmp_path / "disk") as disk:
        busy = desk_of(disk.folder, {"ear": Ear(confirms=False)}, ("climate", "door"))
        [alert] = see(busy, "!!")
        busy.step()
        shelf, [kept] = Shelf(disk.folder / FOLDER), read(disk.folder / FOLDER)
        shelf.load()
        cleared = kept.model_copy(update={"alert": ended(kept.alert, at(9), "not flushed")})
        shelf._written(cleared, lambda id: None)
        assert not read(disk.folder / FOLDER)[0].alert.open
        disk.lose_power()
        disk.regain_power()
        [left] = read(disk.folder / FOLDER)
        assert (left.alert.id, left.alert.open) == (alert.id, True)
        ear = Ear()
        after = desk_of(disk.folder, {"ear": ear}, ("climate", "door"))
        after.step()
        assert [event.payload()["alert"] for event in ear.heard] == [alert.id]
        assert after.counts()["damaged"] == 0
