"""Starts devices (device.py and collector.py) in milliseconds: forks of one that has all in memory.

Run as a program it reads a line for each: "start <orders as JSON>", answered by the process id;
"wait <process id>", answered by how it ended.
"""

import os
import select
import signal
import subprocess
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pydantic import TypeAdapter

from tests.faults.collector import Collecting, collect
from tests.faults.device import Orders, Refused, run

ROOT = Path(__file__).parents[2]
HANGS_S = 60.0
REFUSED = 3
ANY_ORDERS: TypeAdapter[Orders | Collecting] = TypeAdapter(Orders | Collecting)


@dataclass(frozen=True)
class Device:
    """A running one; knows its process by a handle that no other process can get."""

    pid: int
    handle: int

    def ended(self, within_s: float) -> bool:
        """Whether it ended by itself within that time."""
        return bool(select.select([self.handle], [], [], within_s)[0])

    def kill(self) -> None:
        """kill -9; nothing where it ended before."""
        try:
            signal.pidfd_send_signal(self.handle, signal.SIGKILL)  # type: ignore[attr-defined,unused-ignore]
        except ProcessLookupError:
            return


class Nursery:
    """A context manager; its end kills what it started."""

    def __init__(self, output: Path, environment: Mapping[str, str] | None = None) -> None:
        """output: a file that takes everything that any of them writes to a terminal."""
        self.output = output
        self._devices: list[Device] = []
        with open(output, "ab") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.nursery"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
                cwd=ROOT,
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1", **(environment or {})},
            )

    def __enter__(self) -> "Nursery":
        return self

    def __exit__(self, *error: object) -> None:
        for device in self._devices:
            device.kill()
            os.close(device.handle)
        self._process.communicate()

    def start(self, orders: Orders | Collecting) -> Device:
        """Returns when it runs."""
        pid = int(self._asked(f"start {orders.model_dump_json()}"))
        device = Device(pid, os.pidfd_open(pid))
        self._devices.append(device)
        return device

    def killed(self, device: Device, after_s: float, may_refuse: bool = False) -> None:
        """Kills it after that time; it must not have ended before, by a bug.

        may_refuse: on a disk that is dead already a slow one does not start.
        """
        device.ended(after_s)
        device.kill()
        ends = {-signal.SIGKILL, REFUSED} if may_refuse else {-signal.SIGKILL}
        assert self._end(device) in ends, self.said()

    def waits_for(self, device: Device, file: Path) -> None:
        """Returns when the file is there; the device must not end before."""
        assert self.reaches(device, file), self.said()

    def reaches(self, device: Device, file: Path) -> bool:
        """The same; False for one whose disk did not let it start."""
        waited = 0.0
        while not file.exists():
            if device.ended(0.01):
                assert self._end(device) == REFUSED, self.said()
                return False
            waited += 0.01
            assert waited < HANGS_S, f"it hangs: {self.said()}"
        return True

    def finished(self, device: Device, within_s: float = HANGS_S) -> None:
        """It must end well within that time."""
        in_time = device.ended(within_s)
        device.kill()
        assert self._end(device) == 0, self.said() if in_time else f"it hangs: {self.said()}"

    def lived(self, orders: Orders | Collecting, within_s: float = HANGS_S) -> None:
        """One that does what it was told to the end."""
        self.finished(self.start(orders), within_s)

    def said(self) -> str:
        """What all of them wrote to the terminal."""
        return self.output.read_text(errors="replace")

    def _end(self, device: Device) -> int:
        code = int(self._asked(f"wait {device.pid}"))
        os.close(device.handle)
        self._devices.remove(device)
        return code

    def _asked(self, question: str) -> str:
        asks, answers = _pipes(self._process)
        asks.write(question + "\n")
        asks.flush()
        return answers.readline()


def _pipes(process: "subprocess.Popen[str]") -> tuple[IO[str], IO[str]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


def main() -> None:
    """Serves until nobody asks any more."""
    for line in sys.stdin:
        what, _, rest = line.partition(" ")
        if what == "start":
            answer = os.fork() or _live(rest)
        else:
            answer = os.waitstatus_to_exitcode(os.waitpid(int(rest), 0)[1])
        print(answer, flush=True)


def _live(orders: str) -> int:
    """The life of the child; it never comes back to the caller's loop."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    code = 1
    try:
        told = ANY_ORDERS.validate_json(orders)
        run(told) if isinstance(told, Orders) else collect(told)
        code = 0
    except Refused as error:
        print(error)
        code = REFUSED
    finally:
        if code not in (0, REFUSED):
            traceback.print_exc()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
