import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from models.backends.isolated import MAX_LINE_BYTES, IsolatedProgram, ProgramLost

ECHO = "import sys\nfor line in sys.stdin: sys.stdout.write(line); sys.stdout.flush()"
FOREVER = "while True: pass"
ROOT = Path(__file__).parents[3]


@contextmanager
def program(code: str, environment: dict[str, str] | None = None) -> Iterator[IsolatedProgram]:
    """A small program in this interpreter."""
    with tempfile.TemporaryFile() as shared:
        command = (sys.executable, "-I", "-c", code, str(shared.fileno()))
        started = IsolatedProgram("the program", command, environment or {}, shared.fileno())
        with closing(started):
            yield started


def gone(pid: int) -> bool:
    """Whether a process has ended and was reaped."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_each_order_gets_its_answer() -> None:
    with program(ECHO) as echo:
        assert [echo.ask({"n": n}, 10) for n in range(3)] == [{"n": n} for n in range(3)]


def test_closing_ends_it_and_may_be_done_twice() -> None:
    with program(ECHO) as echo:
        echo.close()
        assert gone(echo.pid)
        echo.close()


def test_one_that_is_closed_may_end_in_its_own_way(tmp_path: Path) -> None:
    with program(f"{ECHO}\nopen({str(tmp_path / 'ended')!r}, 'w')") as echo:
        echo.ask({}, 10)
    assert (tmp_path / "ended").exists()


def test_one_that_hangs_is_killed_when_its_time_is_up() -> None:
    with program(FOREVER) as hung:
        with pytest.raises(ProgramLost, match=r"^the program did not answer within 0\.1 s$"):
            hung.ask({}, 0.1)
        assert hung.ended
        assert gone(hung.pid)


def test_talk_on_standard_error_neither_fills_a_pipe_nor_lengthens_the_time() -> None:
    talk = "import sys\nwhile True: sys.stderr.write('x' * 99 + chr(10))"
    with program(talk) as endless, pytest.raises(ProgramLost, match="did not answer"):
        endless.ask({}, 0.2)


def test_one_that_wrote_much_on_standard_error_still_answers() -> None:
    code = f"import sys; sys.stderr.write('x' * {1 << 20})\n{ECHO}"
    with program(code) as talkative:
        assert talkative.ask({"n": 1}, 10) == {"n": 1}


def test_one_that_fails_is_quoted_with_its_last_line() -> None:
    with program("import this_is_not_there") as failing, pytest.raises(ProgramLost) as caught:
        failing.ask({}, 10)
    wanted = (
        "the program ended with status 1 (ModuleNotFoundError: No module named 'this_is_not_there')"
    )
    assert str(caught.value) == wanted


def test_one_that_is_killed_is_told_by_the_signal() -> None:
    with program(ECHO) as echo:
        echo.ask({}, 10)
        os.kill(echo.pid, signal.SIGKILL)
        with pytest.raises(ProgramLost, match=r"^the program was ended by SIGKILL$"):
            echo.ask({}, 10)


@pytest.mark.parametrize("line", ["noise", "[1]", "3", '{"cut": '])
def test_what_is_no_answer_is_not_taken_for_one(line: str) -> None:
    with (
        program(f"print({line!r}, flush=True)\n{FOREVER}") as noisy,
        pytest.raises(ProgramLost, match="no answer"),
    ):
        noisy.ask({}, 10)


def test_an_answer_without_end_is_not_waited_for() -> None:
    with (
        program("while True: print('x' * 65536, end='')") as endless,
        pytest.raises(ProgramLost, match=str(MAX_LINE_BYTES)),
    ):
        endless.ask({}, 10)


def test_ctrl_c_in_the_terminal_does_not_reach_it() -> None:
    with program(ECHO) as echo:
        echo.ask({}, 10)
        assert os.getsid(echo.pid) != os.getsid(0)


def test_it_sees_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted")
    with program(ECHO, {"ONLY": "this"}) as echo:
        echo.ask({}, 10)
        assert Path(f"/proc/{echo.pid}/environ").read_bytes() == b"ONLY=this\0"


def test_of_our_files_it_has_the_shared_one_alone(tmp_path: Path) -> None:
    listing = "import json, os; print(json.dumps(dict(fds=os.listdir('/proc/self/fd'))))"
    code = f"import sys\nfor line in sys.stdin: {listing}; sys.stdout.flush()"
    with (tmp_path / "ours").open("w") as ours, program(code) as child:
        os.set_inheritable(ours.fileno(), True)
        opened = child.ask({}, 10)["fds"]
    assert len(opened) == 5, "three pipes, the shared file, and the folder that was listed"


def test_it_ends_by_itself_when_the_process_that_started_it_is_killed() -> None:
    code = """
import signal
from tests.models.backends.test_isolated import ECHO, program
with program(ECHO) as echo:
    echo.ask({}, 10)
    print(echo.pid, flush=True)
    signal.pause()
"""
    with subprocess.Popen((sys.executable, "-c", code), stdout=subprocess.PIPE, cwd=ROOT) as parent:
        assert parent.stdout is not None
        watched = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
        ended, _, _ = select.select([watched], [], [], 10)
        os.close(watched)
    assert ended
