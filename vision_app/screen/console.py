"""Standard output for tables: as wide as the terminal, or as told where it is none."""

import sys

from rich.console import Console

WIDTH, WIDE = 80, 200
"""Columns of a usual terminal, and such that cut nothing off."""


def console(width: int = WIDE) -> Console:
    """Where tables are printed."""
    return Console(width=None if sys.stdout.isatty() else width, highlight=False)
