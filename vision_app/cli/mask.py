"""`vision-app mask`."""

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any, get_args

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from devices.files.quiet_decoders import hush_decoders
from masking.fill import FillName
from masking.settings import MaskingSettings
from models.faces import DETECTORS
from vision_app import config
from vision_app.mask.naming import shown
from vision_app.mask.order import Order, carry_out, ready
from vision_app.mask.places import require_report_place, target_of
from vision_app.mask.report import End, Outcome
from vision_app.mask.tally import Tally
from vision_app.mask.walk import Task, walk
from vision_app.settings import Settings

SIGNALLED = 128
"""With the number of the signal: the exit code of what was interrupted."""


@click.command()
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.argument("out", metavar="OUT", type=click.Path(path_type=Path))
@click.option("--report", type=click.Path(path_type=Path), help="Every box of every input, JSON.")
@click.option("--detector", type=click.Choice(["auto", *DETECTORS]), help="Who seeks faces first.")
@click.option("--fill", type=click.Choice(get_args(FillName)), help="How faces are covered.")
@click.option("--quality", type=click.IntRange(0, 100), default=95, help="Of JPEG and WebP: 95.")
@click.option("--audio", is_flag=True, help="Keep the sound of videos.")
@click.option("--once", is_flag=True, help="One look at pictures, no judge: quick, finds less.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Files at a time. Default: as fit here.")
@click.option("--overwrite", is_flag=True, help="Replace outputs that are there; never an input.")
@click.option(
    "-c", "--config", "path", type=click.Path(path_type=Path), help="[masking] of this TOML file."
)
@click.option("--json", "as_json", is_flag=True, help="The sum as JSON.")
def mask(as_json: bool, **told: Any) -> None:
    """Write IN, a picture, a video or a folder of them, to OUT, with every face covered.

    A folder is gone through with all below it; OUT gets the same layout and names. The format
    stays; metadata (EXIF, GPS, thumbnails, comments, colour profiles) does not. What cannot be
    masked surely has no output; it is named, and the others are done.

    Exit code 1: a picture or video has no output. 2: IN or OUT is refused. 130: interrupted.

    Example: vision-app mask photos masked --report boxes.json
    """
    hush_decoders()
    order, stop = _order(**told), Event()
    with (
        _screen(order) as screen,
        ready(order, screen, stop) as work,
        _interruptible(stop) as signals,
    ):
        tally = carry_out(order, work, screen, stop)
    _tell(tally, as_json)
    sys.exit(SIGNALLED + signals[0] if signals else 0 if tally.good else 1)


def _order(
    source: Path,
    out: Path,
    report: Path | None,
    overwrite: bool,
    path: Path | None,
    detector: str | None,
    fill: str | None,
    **told: Any,
) -> Order:
    """Raises Refused or ConfigError."""
    target = target_of(source, out, overwrite)
    if report is not None:
        require_report_place(report, source, overwrite)
    settings = _settings(path)
    masking = _told(settings.masking, detector=detector, fill=fill)
    return Order(
        source,
        target,
        report,
        overwrite=overwrite,
        masking=masking,
        catalogue=settings.catalogue,
        **told,
    )


def _settings(path: Path | None) -> Settings:
    return config.load(path) if path else config.complete(Settings(), Path.cwd())


def _told(settings: MaskingSettings, **told: str | None) -> MaskingSettings:
    """The settings with what the command line says."""
    return settings.model_copy(update={key: value for key, value in told.items() if value})


class _Screen:
    """A bar at a terminal, and a line for each input that has no output."""

    def __init__(self, bar: Progress) -> None:
        self._bar, self._row = bar, bar.add_task("opening the detectors", total=None)

    def count(self, order: Order) -> None:
        """Walks once in advance, so that the bar knows its end."""
        if not self._bar.disable:
            total = sum(1 for _ in walk(order.source, order.target))
            self._bar.update(self._row, total=total)

    def say(self, text: str) -> None:
        click.echo(f"vision-app: {text}", err=True)

    def ended(self, outcome: Outcome) -> None:
        self._bar.update(self._row, advance=1, description=shown(outcome.name.name))
        if outcome.end is not End.MASKED:
            self.say(f"{shown(outcome.name)}: {outcome.why}")

    def frame(self, task: Task, done: int, total: int | None) -> None:
        of = f" of {total}" if total else ""
        text = f"{shown(task.name.name)}: {done}{of} frames"
        self._bar.update(self._row, description=text)


@contextmanager
def _screen(order: Order) -> Iterator[_Screen]:
    console = Console(stderr=True)
    text = TextColumn("{task.description}", markup=False)  # which may be the name of a file
    columns = (text, BarColumn(20), MofNCompleteColumn(), TimeRemainingColumn())
    off = not console.is_terminal
    with Progress(*columns, console=console, disable=off, transient=True) as bar:
        screen = _Screen(bar)
        screen.count(order)
        yield screen


@contextmanager
def _interruptible(stop: Event) -> Iterator[list[int]]:
    """SIGINT or SIGTERM set stop, and are listed; a second Ctrl-C ends the program at once."""
    numbers: list[int] = []

    def heard(number: int, frame: FrameType | None) -> None:
        numbers.append(number)
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, heard) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield numbers
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell(tally: Tally, as_json: bool) -> None:
    click.echo(json.dumps(tally.as_values(), indent=2) if as_json else tally.sentence)
