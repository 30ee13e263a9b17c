"""Seconds that never go back and do not jump when the wall clock is set, also over restarts.

While it runs it follows the clock that counts from the machine's start and goes on in suspend. The
file says how far it had come; `step` writes it every WRITE_EVERY_S, `close` once more:

    what ended                     what the next start adds to what the file says
    the process (kill -9)          what passed since it was written: nothing is lost
    the machine (boot, power cut)  what passed by the wall clock

At least 0 is added, at most MAX_GAP_S, and nothing by a wall clock that was never set (SET_SINCE_S:
boards without a battery, until NTP answers). So it is slow rather than fast, and what ages by it
lasts rather too long: only a wall clock that is wrong by more than the gap itself, at one of the
two ends, can make it fast, by MAX_GAP_S for each start of the machine. Where a power cut meets a
wall clock that went back or was never set, it starts where the file was written: up to
WRITE_EVERY_S before what it had said.
"""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import asdict, astuple, dataclass
from enum import Enum
from math import isfinite
from pathlib import Path

from uploader import checked_file

log = logging.getLogger("uploader")

WRITE_EVERY_S = 60.0
MAX_GAP_S = 86_400.0
SET_SINCE_S = 1_704_067_200.0
"""2024-01-01: a wall clock that is before this was never set."""
BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Reached:
    """How far the steady clock had come, and what the machine's clocks said then.

    running_s: since the machine was started. boot: which start; empty when unknown. wall_s: since
    1970, true or not.
    """

    steady_s: float
    running_s: float
    wall_s: float
    boot: str

    def then(self, running_s: float, wall_s: float, boot: str) -> float:
        """Steady seconds at a start at which the clocks say this."""
        if self.boot and self.boot == boot:
            passed_s = running_s - self.running_s
        elif min(self.wall_s, wall_s) >= SET_SINCE_S:
            passed_s = wall_s - self.wall_s
        else:
            passed_s = 0.0
        return self.steady_s + min(max(passed_s, 0.0), MAX_GAP_S)


UNWRITTEN = "the steady clock is not kept ({}): free the disk"


class Written(Enum):
    """What a step came to."""

    WRITTEN = "written"
    FAILED = "failed"


def since_boot_s() -> float:
    """Seconds since the machine was started, with those in suspend. Takes a fraction of a µs."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def this_boot() -> str:
    """Which start of the machine this is; empty where the kernel does not say."""
    try:
        return BOOT.read_text().strip()
    except OSError:
        return ""


class SteadyClock:
    """The clock of one spool: `now_s` may be called by any thread, `step` and `close` by one.

    problem: why the file cannot be written, as a sentence; empty while it can. Then time goes on
    all the same, and a start of the machine adds what passed since it was written last.
    """

    wait_s = WRITE_EVERY_S

    def __init__(
        self,
        file: Path,
        at_least_s: float = 0.0,
        running: Callable[[], float] = since_boot_s,
        wall: Callable[[], float] = time.time,
        boot: Callable[[], str] = this_boot,
    ) -> None:
        """at_least_s: had been reached, by what else the spool holds; asked when the file is lost.

        Nothing is written yet, so that one who only looks may have a clock as well: `open_clock`.
        """
        self._writer = checked_file.Writer(UNWRITTEN)
        self._file, self._running, self._wall, self._boot = file, running, wall, boot()
        running_s, reached = running(), _read(file)
        come_to_s = reached.then(running_s, wall(), self._boot) if reached else at_least_s
        self._ahead_s = come_to_s - running_s

    @property
    def problem(self) -> str:
        """See above."""
        return self._writer.problem

    def now_s(self) -> float:
        """Steady seconds; 0 at the first start of all."""
        return self._running() + self._ahead_s

    def step(self) -> Written:
        """Writes down how far it has come; two fsyncs."""
        running_s = self._running()
        reached = Reached(running_s + self._ahead_s, running_s, self._wall(), self._boot)
        written = self._writer.write(self._file, json.dumps(asdict(reached)).encode())
        return Written.WRITTEN if written else Written.FAILED

    def close(self) -> None:
        """Writes it for the last time."""
        self.step()


def open_clock(file: Path, at_least_s: float = 0.0) -> SteadyClock:
    """The clock of the one process that runs the spool: written at once, so that it cannot go back.

    file: is created, with its folder.
    """
    clock = SteadyClock(file, at_least_s)
    clock.step()
    return clock


def _read(file: Path) -> Reached | None:
    try:
        written = checked_file.read(file)
        return None if written is None else _parsed(written)
    except (OSError, ValueError, TypeError) as error:
        log.warning("the steady clock begins anew: %s cannot be used (%s)", file, error)
        return None


def _parsed(written: bytes) -> Reached:
    reached = Reached(**json.loads(written))
    *seconds, boot = astuple(reached)
    if not isinstance(boot, str) or not all(map(isfinite, seconds)):
        raise ValueError("it does not hold a clock")
    return reached
