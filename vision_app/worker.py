"""One thread that repeats one step until it is told to stop; the only blind catch there is."""

import logging
import time
from collections.abc import Callable, Sequence
from threading import Event as Flag
from threading import Thread
from typing import Protocol

log = logging.getLogger("vision_app")

PATIENCE_S = 30.0


class Loop(Protocol):
    """Something that is done again and again."""

    @property
    def wait_s(self) -> float:
        """Seconds to wait after the last step before the next one; 0 is at once."""

    def step(self) -> object:
        """Does one round and says how it went; must return within a second or so."""


class Worker:
    """Runs a loop in a thread. A bug in the loop is logged and reported, never swallowed."""

    def __init__(self, name: str, loop: Loop, on_bug: Callable[[str], None]) -> None:
        self.name = name
        self._loop = loop
        self._on_bug = on_bug
        self._stop = Flag()
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def ask(self) -> None:
        """Asks the loop to end after its step, and does not wait for it."""
        self._stop.set()

    def stop(self, timeout_s: float = PATIENCE_S) -> bool:
        """Asks the loop to end after its step; whether it did in time. May be called twice."""
        self.ask()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        if self._thread.is_alive():
            log.warning("%s does not stop; going on without it", self.name)
            return False
        return True

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self._loop.step()
                if self._loop.wait_s > 0:
                    self._stop.wait(self._loop.wait_s)
        except Exception:
            log.exception("a bug stopped %s", self.name)
            self._on_bug(self.name)


def stop_together(workers: Sequence[Worker], timeout_s: float) -> list[bool]:
    """Asks all to end at once; whether each did before the time, which is for all, was up."""
    for worker in workers:
        worker.ask()
    until_s = time.monotonic() + timeout_s
    return [worker.stop(max(0.0, until_s - time.monotonic())) for worker in workers]
