import os
import signal
import time
from pathlib import Path

import pytest

from models.bench.own_process import ProcessFailed, answer_of


def module(folder: Path, text: str, patch: pytest.MonkeyPatch) -> str:
    """A module that can be imported, here and in other processes."""
    name = f"task_{folder.name.replace('-', '_')}"
    (folder / f"{name}.py").write_text(text)
    patch.syspath_prepend(str(folder))
    return name


def test_the_answer_is_what_the_module_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = module(tmp_path, "import sys; print(sys.stdin.read().upper(), end='')", monkeypatch)
    assert answer_of(name, b"task", 60) == b"TASK"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("import os; os.abort()", "it crashed (Aborted)"),
        ("import os; os.kill(os.getpid(), 9)", "it crashed (Killed, perhaps for want of memory)"),
        ("raise SystemExit(3)", "it failed (it said nothing)"),
        ("raise ValueError('so\\nit is')", "it failed (it is)"),
    ],
)
def test_a_bad_end_is_told_in_a_few_words(
    text: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ProcessFailed) as caught:
        answer_of(module(tmp_path, text, monkeypatch), b"", 60)
    assert str(caught.value) == sentence


def test_a_process_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = module(tmp_path, "import threading; threading.Event().wait()", monkeypatch)
    with pytest.raises(ProcessFailed, match=r"it was not done after 0\.3 s, and was ended"):
        answer_of(name, b"", 0.3)


def test_what_a_process_started_ends_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (
        "import pathlib, subprocess\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        f"pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(child.pid))\n"
        "raise SystemExit('it gives up')"
    )
    with pytest.raises(ProcessFailed, match="it gives up"):
        answer_of(module(tmp_path, text, monkeypatch), b"", 60)
    assert ended(int((tmp_path / "pid").read_text()))


def ended(pid: int, within_s: float = 10.0) -> bool:
    """Whether a process is gone, or waits for its new parent to notice that it is."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
    os.kill(pid, signal.SIGKILL)
    return False
