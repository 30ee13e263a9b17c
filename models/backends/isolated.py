"""A program with an interpreter of its own: it answers line by line and in time, or is killed."""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import IO, Any, cast

from models.errors import ModelError

MAX_LINE_BYTES = 1 << 20
MAX_TAIL_BYTES = 4096
PIECE_BYTES = 65536
GRACE_S = 2.0


class ProgramLost(ModelError):
    """The program ended, hung or made no sense; it is not running any more."""


class IsolatedProgram:
    """A child process that gets nothing of ours but one open file, and answers lines of JSON.

    It is told to end by the end of its standard input, which comes too when this process is
    killed. It has a session of its own, so that Ctrl-C is for us alone.
    """

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], shared: int
    ) -> None:
        """name: for sentences; shared: descriptor of the open file. Raises OSError."""
        self._name = name
        self._process = subprocess.Popen(
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd="/",
            pass_fds=(shared,),
            start_new_session=True,
        )
        self._orders = cast(IO[bytes], self._process.stdin)
        self._answers = cast(IO[bytes], self._process.stdout)
        self._errors = cast(IO[bytes], self._process.stderr)
        self._selector = selectors.DefaultSelector()
        for pipe in (self._answers, self._errors):
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, selectors.EVENT_READ)
        self._said = b""
        self._tail = b""
        self.ended = False
        self.pid = self._process.pid

    def ask(self, order: Mapping[str, Any], limit_s: float) -> dict[str, Any]:
        """Sends an order and waits for its answer; a program that gives no sensible one is killed.

        Raises ProgramLost with a sentence that quotes the last thing that it complained about.
        """
        answered = False
        try:
            self._send(order)
            answer = self._parsed(self._line(time.monotonic() + limit_s, limit_s))
            answered = True
            return answer
        finally:
            if not answered:
                self.kill()

    def close(self) -> None:
        """Lets it end by itself, and kills it when it does not; may be called twice."""
        self._orders.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE_S)
        self.kill()

    def kill(self) -> None:
        """Ends it at once; may be called twice."""
        self.ended = True
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE_S)
        self._selector.close()
        for pipe in (self._orders, self._answers, self._errors):
            pipe.close()

    def _send(self, order: Mapping[str, Any]) -> None:
        try:
            self._orders.write(json.dumps(order).encode() + b"\n")
        except OSError:
            raise self._loss(self._ending()) from None

    def _line(self, deadline_s: float, limit_s: float) -> bytes:
        while b"\n" not in self._said:
            left_s = deadline_s - time.monotonic()
            if left_s <= 0:
                raise self._loss(f"did not answer within {limit_s:g} s")
            for key, _ in self._selector.select(left_s):
                self._take(cast(IO[bytes], key.fileobj))
        line, _, self._said = self._said.partition(b"\n")
        return line

    def _take(self, pipe: IO[bytes]) -> None:
        piece = pipe.read(PIECE_BYTES)
        if pipe is self._errors:
            self._tail = (self._tail + piece)[-MAX_TAIL_BYTES:]
            if not piece:
                self._selector.unregister(pipe)
            return
        if not piece:
            raise self._loss(self._ending())
        self._said += piece
        if len(self._said) > MAX_LINE_BYTES:
            raise self._loss(f"answered with more than {MAX_LINE_BYTES} bytes")

    def _parsed(self, line: bytes) -> dict[str, Any]:
        try:
            answer = json.loads(line)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise self._loss("answered with something that is no answer")
        return answer

    def _ending(self) -> str:
        """How it ended, which it did or is about to."""
        try:
            code = self._process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            return "stopped answering"
        if code < 0:
            return f"was ended by {signal.Signals(-code).name}"
        return f"ended with status {code}"

    def _loss(self, what: str) -> ProgramLost:
        while piece := self._errors.read(PIECE_BYTES):
            self._tail = (self._tail + piece)[-MAX_TAIL_BYTES:]
        lines = [line.strip() for line in self._tail.decode("utf-8", "replace").splitlines()]
        last = next((line for line in reversed(lines) if line), "")
        return ProgramLost(f"{self._name} {what}" + (f" ({last[:300]})" if last else ""))
