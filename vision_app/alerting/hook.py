"""Runs a program of the owner's at each change of an alert: a siren, a relay, a message.

It is given the event as JSON and nothing else: no part of `vision_app.alerting` names a frame.
"""

import json
import logging
import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Condition
from typing import Any

log = logging.getLogger("vision_app")

MOST = 64
"""Events that wait for the program; the oldest gives way, and is counted."""
LOOK_S = 0.25


class Hook:
    """A short queue, and one process at a time; whoever tells of an event never waits.

    problem: what went wrong last, as a sentence; empty after a run that went well. ran, failed,
    lost: runs, those that went wrong, and events that had to give way.
    """

    wait_s = 0.0

    def __init__(
        self,
        command: Sequence[str],
        timeout_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._command, self._timeout_s, self._clock = tuple(command), timeout_s, clock
        self._waiting: deque[bytes] = deque()
        self._changed = Condition()
        self._process: subprocess.Popen[bytes] | None = None
        self._until_s = 0.0
        self.problem = ""
        self.ran = self.failed = self.lost = 0

    def tell(self, event: Mapping[str, Any]) -> None:
        """Leaves an event for the program, from any thread; without a program, for nobody."""
        if not self._command:
            return
        with self._changed:
            if len(self._waiting) >= MOST:
                self._waiting.popleft()
                self.lost += 1
            self._waiting.append(json.dumps(event, ensure_ascii=False).encode())
            self._changed.notify()

    def step(self) -> bool:
        """Starts the program for the next event, or looks whether it has ended; whether it runs."""
        if self._process is None:
            self._start()
        else:
            self._look(self._process)
        return self._process is not None

    def close(self) -> None:
        """Ends the program if it runs, and counts what waited; may be called twice."""
        self.lost += len(self._waiting)
        self._waiting.clear()
        process, self._process = self._process, None
        if process:
            _kill(process)

    def _start(self) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: bool(self._waiting), LOOK_S):
                return
            event = self._waiting.popleft()
        self.ran += 1
        try:
            with _as_file(event) as given:
                self._process = subprocess.Popen(
                    self._command, stdin=given, stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL, start_new_session=True,
                )  # fmt: skip
        except (OSError, ValueError) as error:
            self._failed(f"cannot be started: {error}")
            return
        self._until_s = self._clock() + self._timeout_s

    def _look(self, process: "subprocess.Popen[bytes]") -> None:
        try:
            code = process.wait(LOOK_S)
        except subprocess.TimeoutExpired:
            if self._clock() < self._until_s:
                return
            _kill(process)
            self._failed(f"did not end within {self._timeout_s:g} s and was killed")
        else:
            self._ended(code)
        self._process = None

    def _ended(self, code: int) -> None:
        if code:
            self._failed(f"ended with {code}")
        else:
            self.problem = ""

    def _failed(self, why: str) -> None:
        self.failed += 1
        problem = f"the hook of alerts, {Path(self._command[0]).name}, {why}"
        if problem != self.problem:
            log.warning("%s", problem)
        self.problem = problem


def _as_file(event: bytes) -> Any:
    """The event as a file in memory: a program that does not read it holds nothing up."""
    descriptor = os.memfd_create("alert")
    file = os.fdopen(descriptor, "r+b")
    file.write(event)
    file.seek(0)
    return file


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """The program and all that it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
