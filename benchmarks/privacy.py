"""What still shows after masking, beside deface 1.5.0 on the same files: the table of the docs.

    python -m benchmarks.privacy [--part stills|pan|fills|film|costs …] [--quick]

On ../shared/data/faces, which is not part of this repository. deface and the judges, which are not
part of the product, are installed once into environments of their own in the user's cache folder.
`beside` says what a figure was bought with: masked area and false masks, since a mask over all
leaks nothing.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import cast

from benchmarks.leaks.row import DATA, Asked, Part, Row

PARTS = ("stills", "pan", "fills", "film", "costs")
"""Each is the file of that name in benchmarks/leaks."""
QUICK = 10


def main() -> None:
    """Prints the rows of each part as they are ready."""
    asked = _asked(sys.argv[1:])
    if not DATA.is_dir():
        raise SystemExit(f"{DATA} is not there, and there is nothing else to measure on")
    print("| | deface 1.5.0 | ours | to reach | beside |\n|---|---|---|---|---|")
    for name in asked.part or PARTS:
        part = cast(Part, import_module(f"benchmarks.leaks.{name}"))
        for row in part.rows(Asked(QUICK if asked.quick else 1)):
            print(_line(row), flush=True)


def _asked(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", action="append", choices=PARTS, help="only this one")
    parser.add_argument("--quick", action="store_true", help=f"a {QUICK}th of the work")
    return parser.parse_args(words)


def _line(row: Row) -> str:
    return f"| {row.what} | {row.deface} | {row.ours} | {row.to_reach} | {row.beside} |"


if __name__ == "__main__":
    main()
