"""What a person sees while an export is made: how far it is, and what is left out."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from vision_app.export.batches import Batch
from vision_app.export.sums import Sums
from vision_app.mask.naming import shown

SAID = 20
"""Faults that are named; more are counted."""


@contextmanager
def screen() -> Iterator[tuple["Said", "Follow"]]:
    """Both write to standard error; the bar only where that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(20), TimeElapsedColumn())
    off = not console.is_terminal
    said = Said()
    with Progress(*columns, console=console, disable=off, transient=True) as bar:
        yield said, Follow(bar)
    said.rest()


class Said:
    """Names the first faults, and counts the others."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, fault: str) -> None:
        self._count += 1
        if self._count <= SAID:
            click.echo(f"vision-app: {shown(fault)}", err=True)

    def rest(self) -> None:
        """To be called at the end."""
        if self._count > SAID:
            click.echo(f"vision-app: … and {self._count - SAID} faults more", err=True)


class Follow:
    """Shows which batch is read, and how many frames were exported so far."""

    def __init__(self, bar: Progress) -> None:
        self._bar, self._row = bar, bar.add_task("looking for records", total=None)

    def __call__(self, batch: Batch, sums: Sums) -> None:
        text = f"{shown(batch.where.folder if batch.where else batch.name)}: {sums.exported} frames"
        self._bar.update(self._row, description=text)
