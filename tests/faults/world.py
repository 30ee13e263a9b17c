"""Changes the world that a process sees (tests/faults/world.c): a disk fails, a clock jumps."""

import mmap
import shutil
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.parts import need

SOURCE = Path(__file__).with_name("world.c")
CALLS = ("write", "fsync", "rename", "unlink", "create")
NUMBER = struct.Struct("q")


class World:
    """As `environment` makes a process and its children see it; may be changed at any time."""

    def __init__(self, folder: Path, faulty: Path) -> None:
        """folder: for what this needs. faulty: calls about what lies below it can fail."""
        compiler = need("a C compiler (apt install gcc libc6-dev)", shutil.which("cc"))
        library, numbers = folder / "world.so", folder / "world"
        options = ["-O1", "-Wall", "-Werror", "-shared", "-fPIC"]
        subprocess.run([compiler, *options, "-o", library, SOURCE, "-ldl"], check=True)
        numbers.write_bytes(bytes(NUMBER.size * (1 + 2 * len(CALLS))))
        with open(numbers, "r+b") as file:
            self._seen = mmap.mmap(file.fileno(), 0)
        self.environment: Mapping[str, str] = {
            "LD_PRELOAD": str(library),
            "WORLD": str(numbers),
            "FOLDER": f"{faulty}/",
        }

    def set_clock(self, off_s: int) -> None:
        """The wall clock says so much more than is true."""
        self._set(0, off_s)

    def fail(self, call: str, every: int) -> None:
        """Every so many calls of that kind fail with EIO; 0: none."""
        self._set(1 + 2 * CALLS.index(call), every)

    def made(self, call: str) -> int:
        """Calls while some of them failed."""
        (calls,) = NUMBER.unpack_from(self._seen, NUMBER.size * (2 + 2 * CALLS.index(call)))
        return int(calls)

    def _set(self, place: int, number: int) -> None:
        NUMBER.pack_into(self._seen, NUMBER.size * place, number)
