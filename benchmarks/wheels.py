"""Which version of what we depend on pip would install on which board, without compiling anything.

    python -m benchmarks.wheels

Asks the package index that pip is set up with, through pip, for wheels (never a source archive)
that fit the Python and the glibc of a board, and prints the tables of docs/boards.md. Nothing is
installed; pip 23.3 and newer download only metadata, older ones the wheels, too.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.version import Version

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
RUNTIME_EXTRAS = ("sensors", "train", "convert", "onnxruntime", "openvino")
OTHERS = ("pydantic-core", "onnxruntime-gpu", "mxnet", "tflite-runtime", "picamera2")
"""What no lower bound of ours names: a part of pydantic, and what is brought along."""
LEGACY = {"aarch64": ("manylinux2014",), "x86_64": ("manylinux1", "manylinux2010", "manylinux2014")}
PIP = (
    *(sys.executable, "-m", "pip", "install", "--dry-run", "--report=-", "--quiet"),
    *("--only-binary=:all:", "--no-deps", "--ignore-installed", "--target=nowhere"),
)
REQUESTS_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Board:
    """A system by what decides which wheels fit it: glibc is the minor number of version 2."""

    name: str
    machine: str
    glibc: int
    python: str

    @property
    def platforms(self) -> tuple[str, ...]:
        """Options of pip for the tags of all wheels that its glibc can run."""
        levels = [f"manylinux_2_{minor}" for minor in range(5, self.glibc + 1)]
        return tuple(
            f"--platform={level}_{self.machine}" for level in (*LEGACY[self.machine], *levels)
        )


BOARDS = (
    Board("JetPack 5 (Ubuntu 20.04)", "aarch64", 31, "3.10"),
    Board("JetPack 6 (Ubuntu 22.04)", "aarch64", 35, "3.10"),
    Board("JetPack 7 (Ubuntu 24.04)", "aarch64", 39, "3.12"),
    Board("Pi OS bookworm", "aarch64", 36, "3.11"),
    Board("Pi OS trixie", "aarch64", 41, "3.13"),
    Board("Ubuntu 22.04", "x86_64", 35, "3.10"),
    Board("Ubuntu 24.04", "x86_64", 39, "3.12"),
    Board("Debian 12", "x86_64", 36, "3.11"),
    Board("Debian 13", "x86_64", 41, "3.13"),
)


def main() -> None:
    """Prints a table for each kind of processor."""
    wanted = tuple(_wanted())
    with ThreadPoolExecutor(REQUESTS_AT_ONCE) as pool:
        rows = [
            (one, list(pool.map(lambda board, one=one: newest(one.name, board), BOARDS)))
            for one in wanted
        ]
    print(f"Asked on {datetime.now(timezone.utc):%Y-%m-%d} by `python -m benchmarks.wheels`.")
    for machine in LEGACY:
        print(f"\n{table(machine, rows)}")


def newest(name: str, board: Board) -> str:
    """The newest version that has a wheel for the board; empty where none has."""
    done = subprocess.run(
        [*PIP, "--python-version", board.python, *board.platforms, name],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode == 0:
        version: str = json.loads(done.stdout)["install"][0]["metadata"]["version"]
        return version
    if "No matching distribution" in done.stderr:
        return ""
    sys.exit(f"pip does not answer for {name}: {done.stderr.strip()}")


def table(machine: str, rows: Sequence[tuple[Requirement, Sequence[str]]]) -> str:
    """Markdown; older than elsewhere is marked ↓, what our lower bound refuses is struck out."""
    places = [place for place, board in enumerate(BOARDS) if board.machine == machine]
    heads = [f"{BOARDS[i].name}, Python {BOARDS[i].python}" for i in places]
    lines = [f"| {machine} | {' | '.join(heads)} |", "|---|" + "---|" * len(heads)]
    for wanted, found in rows:
        best = max((Version(version) for version in found if version), default=None)
        cells = [_cell(wanted, found[place], best) for place in places]
        lines.append(f"| {wanted.name}{_bound(wanted)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(wanted: Requirement, found: str, best: Version | None) -> str:
    if not found:
        return "none"
    if not wanted.specifier.contains(found, prereleases=True):
        return f"~~{found}~~"
    return found if Version(found) == best else f"{found} ↓"


def _bound(wanted: Requirement) -> str:
    return f" {wanted.specifier}".replace(">=", "≥ ") if wanted.specifier else ""


def _wanted() -> Iterator[Requirement]:
    project: dict[str, Any] = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    for line in (*project["dependencies"], *(one for e in RUNTIME_EXTRAS for one in extras[e])):
        yield Requirement(line)
    yield from map(Requirement, OTHERS)


if __name__ == "__main__":
    main()
