"""A device that is a process: the kernel's real drivers talk to it."""

import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from tests.hardware.vm.run import LB_FEED, UVC_CAM

Kind = TypeVar("Kind", bound="Device")


class Device:
    """Is there from the start, gone after leaving; `act` does what its script can."""

    def __init__(self, script: Path, *options: str | Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(script), *map(str, options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.node = self._answer()

    def act(self, action: str) -> None:
        """Does "unplug", "plug", "stall", "resume", "truncate 0.5", …"""
        assert self._process.stdin is not None
        self._process.stdin.write(action + "\n")
        self._process.stdin.flush()
        answer = self._answer()
        assert answer == "done", answer

    def __enter__(self: Kind) -> Kind:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate(timeout=30)

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


class Webcam(Device):
    """A USB webcam: uvcvideo drives it."""

    def __init__(self, *options: str | Path) -> None:
        super().__init__(UVC_CAM, *options)


class Producer(Device):
    """A program that feeds a v4l2loopback device, which so becomes a camera."""

    def __init__(self, *options: str | Path) -> None:
        super().__init__(LB_FEED, *options)
