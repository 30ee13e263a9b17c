"""The owner's program is real, and may be as bad as it likes."""

import json
import os
import stat
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from vision_app.alerting.hook import MOST, Hook
from vision_app.alerting.rules import AlertSettings


def program(folder: Path, body: str) -> tuple[str, ...]:
    path = folder / "siren"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return (str(path), "--on", "a b;c")


def until(hook: Hook, true: Callable[[], bool]) -> None:
    """Steps until that is so."""
    for _ in range(200):
        hook.step()
        if true():
            return
    raise AssertionError("it did not come to that")


def test_it_reads_the_event_and_gets_its_words_as_they_are(tmp_path: Path) -> None:
    command = program(tmp_path, f'cat > {tmp_path}/event; echo "$1|$2|$#" > {tmp_path}/words')
    with closing(Hook(command, 10)) as hook:
        hook.tell({"state": "raised", "text": "31 °C"})
        until(hook, lambda: hook.ran == 1 and not hook.step())
    assert json.loads((tmp_path / "event").read_text()) == {"state": "raised", "text": "31 °C"}
    assert (tmp_path / "words").read_text() == "--on|a b;c|2\n"
    assert hook.problem == ""


def test_one_that_hangs_is_killed_with_its_children_and_holds_up_nobody(tmp_path: Path) -> None:
    command = program(tmp_path, f"sleep 600 & echo $! > {tmp_path}/child; wait")
    seconds = [0.0]
    with closing(Hook(command, 5, lambda: seconds[0])) as hook:
        hook.tell({"number": 1})
        until(hook, (tmp_path / "child").exists)
        began = time.monotonic()
        hook.tell({"number": 2})
        assert time.monotonic() - began < 0.1
        seconds[0] = 5.0
        until(hook, lambda: hook.failed == 1)
        assert hook.problem == ("the hook of alerts, siren, did not end within 5 s and was killed")
        child = int((tmp_path / "child").read_text())
        until(hook, lambda: not alive(child))
        until(hook, lambda: hook.ran == 2)


def alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.parametrize(
    ("body", "why"), [("exit 3", "ended with 3"), ("kill -9 $$", "ended with -9")]
)
def test_what_goes_wrong_is_said_until_a_run_goes_well(tmp_path: Path, body: str, why: str) -> None:
    command = program(tmp_path, f"[ -e {tmp_path}/mended ] || {body}")
    with closing(Hook(command, 10)) as hook:
        hook.tell({})
        until(hook, lambda: hook.failed == 1)
        assert hook.problem == f"the hook of alerts, siren, {why}"
        (tmp_path / "mended").touch()
        hook.tell({})
        until(hook, lambda: not hook.problem)


def test_one_that_is_not_there_is_said(tmp_path: Path) -> None:
    hook = Hook([str(tmp_path / "absent")], 10)
    hook.tell({})
    hook.step()
    assert "cannot be started" in hook.problem
    assert hook.failed == 1


def test_events_that_are_too_many_give_way_to_new_ones(tmp_path: Path) -> None:
    command = program(tmp_path, f"cat > {tmp_path}/event")
    with closing(Hook(command, 10)) as hook:
        for number in range(MOST + 3):
            hook.tell({"number": number})
        assert hook.lost == 3
        until(hook, lambda: hook.ran == 1 and not hook.step())
    assert json.loads((tmp_path / "event").read_text()) == {"number": 3}


def test_closing_ends_it(tmp_path: Path) -> None:
    hook = Hook(program(tmp_path, f"echo $$ > {tmp_path}/it; exec sleep 600"), 600)
    hook.tell({})
    hook.tell({})
    until(hook, lambda: (tmp_path / "it").exists() and bool((tmp_path / "it").read_text()))
    hook.close()
    hook.close()
    assert hook.lost == 1
    assert not os.path.exists(f"/proc/{(tmp_path / 'it').read_text().strip()}")


def test_a_program_is_named_by_its_whole_path() -> None:
    with pytest.raises(ValueError, match="must be the whole path of a program"):
        AlertSettings(hook=("siren",))
