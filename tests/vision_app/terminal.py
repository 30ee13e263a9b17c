"""A program in a terminal of 80x24, and what then stands on its screen."""

import fcntl
import os
import re
import select
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.wire.service import PROGRAM

PARTS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\n|[^\x1b\r\n]+")
PATIENCE_S = 60.0


def screen(written: str) -> list[str]:
    """What stands there; of a terminal that is as high as it needs to be."""
    rows, row, column = [""], 0, 0
    for part in PARTS.findall(written):
        if part == "\r":
            column = 0
        elif part == "\n":
            row += 1
            rows += [""] * (row == len(rows))
        elif part == "\x1b[2K":
            rows[row] = ""
        elif part.startswith("\x1b"):
            row -= int(part[2:-1]) if part.endswith("A") else 0
        else:
            old = rows[row].ljust(column)
            rows[row] = old[:column] + part + old[column + len(part) :]
            column += len(part)
    return [line.rstrip() for line in rows]


class Terminal:
    """Where a program runs; `written` is all that it has written so far."""

    def __init__(self, process: "subprocess.Popen[bytes]", master: int) -> None:
        self.process, self._master, self._bytes = process, master, b""

    @property
    def written(self) -> str:
        return self._bytes.decode(errors="ignore")

    def shows(self, line: str) -> list[str]:
        """The screen, as soon as a line of it fits that expression."""
        while not any(re.match(line, shown) for shown in screen(self.written)):
            assert self._more(), self.written
        return screen(self.written)

    def ended(self) -> list[str]:
        """The screen that is left when the program has ended."""
        while self._more():
            pass
        self.process.wait(timeout=PATIENCE_S)
        return screen(self.written)

    def _more(self) -> bool:
        """Waits for more; False when there will be none."""
        assert select.select([self._master], [], [], PATIENCE_S)[0], self.written
        try:
            read = os.read(self._master, 1 << 16)
        except OSError:  # how Linux says that the other side is closed
            return False
        self._bytes += read
        return bool(read)


@contextmanager
def terminal(*words: str | Path, env: Mapping[str, str]) -> Iterator[Terminal]:
    """`vision-app` with those words, and nothing of how the tests themselves are shown."""
    usual = {name: value for name, value in os.environ.items() if "COLOR" not in name}
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *map(str, words)],
        stdin=slave, stdout=slave, stderr=slave, env={**usual, "TERM": "xterm-256color", **env},
    )  # fmt: skip
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        process.kill()
        process.wait()
        os.close(master)
