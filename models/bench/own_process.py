"""Lets a module answer a task in a process of its own, which may crash or hang alone."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from tempfile import TemporaryFile
from typing import IO

MAX_ANSWER_BYTES = 1 << 20
MAX_SAID_BYTES = 1 << 14


class ProcessFailed(Exception):
    """There is no answer; the message says in a few words why."""


def answer_of(module: str, task: bytes, limit_s: float) -> bytes:
    """What a module, run as a program, writes to its standard output for a task on its input.

    Raises ProcessFailed when it crashes, fails, or is not done after limit_s; it is then ended
    with all that it started.
    """
    with TemporaryFile() as given, TemporaryFile() as answer, TemporaryFile() as said:
        given.write(task)
        given.seek(0)
        code = _run(module, given, answer, said, limit_s)
        if code:
            raise ProcessFailed(_cause(code, said))
        answer.seek(0)
        return answer.read(MAX_ANSWER_BYTES)


def _run(module: str, given: IO[bytes], answer: IO[bytes], said: IO[bytes], limit_s: float) -> int:
    with subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=given,
        stdout=answer,
        stderr=said,
        cwd="/",
        env=_environment(),
        start_new_session=True,
    ) as process:
        try:
            return process.wait(limit_s)
        except subprocess.TimeoutExpired:
            raise ProcessFailed(f"it was not done after {limit_s:g} s, and was ended") from None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _environment() -> dict[str, str]:
    """Modules are found where this process finds them."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(os.path.abspath(path) for path in sys.path)}


def _cause(code: int, said: IO[bytes]) -> str:
    if code < 0:
        memory = ", perhaps for want of memory" if -code == signal.SIGKILL else ""
        return f"it crashed ({signal.strsignal(-code) or -code}{memory})"
    said.seek(max(0, said.seek(0, os.SEEK_END) - MAX_SAID_BYTES))
    lines = said.read().decode(errors="replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
    return f"it failed ({last[:300]})"
