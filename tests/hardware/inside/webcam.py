"""A USB webcam that is a process: the kernel's real uvcvideo driver talks to it."""

import subprocess
import sys
from pathlib import Path
from types import TracebackType

from tests.hardware.vm.run import UVC_CAM


class Webcam:
    """Plugged in on entering, unplugged on leaving; `act` does what uvc_cam.py's --at can."""

    def __init__(self, *options: str | Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(UVC_CAM), *map(str, options)],
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

    def __enter__(self) -> "Webcam":
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
