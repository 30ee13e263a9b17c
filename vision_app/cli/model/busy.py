"""Shows a person at a terminal that something is going on, and on paper nothing."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click
from rich.console import Console


@contextmanager
def busy(what: str) -> Iterator[None]:
    """While the block runs."""
    if not sys.stderr.isatty():
        yield
        return
    with Console(stderr=True).status(what):
        yield


def say(notes: Sequence[str]) -> None:
    """Sentences for people, on standard error."""
    for note in notes:
        click.echo(f"note: {note}", err=True)
