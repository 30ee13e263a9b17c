"""Options of every command that reads a file of readings, or a folder of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Command = Callable[..., Any]


def source_options(command: Command) -> Command:
    """Which file, and how it is read."""
    for option in (
        click.option("--separator", default=",", show_default=True),
        click.option("--time-column", default="time", show_default=True),
        click.option("--sensor", default="", help="Of Parquet with readings of several: whose."),
        click.argument("data", type=click.Path(path_type=Path)),
    ):
        command = option(command)
    return command
