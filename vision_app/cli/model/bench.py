"""`vision-app model bench`."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as ProgressBar

from devices.boards.limits import usable_cores
from models.bench.bench import ROUNDS, Effort, Follow, Progress, Report, thread_counts
from models.bench.bench import bench as bench_all
from models.bench.measured import keep
from models.bundles.bundle import Bundle, open_bundle
from models.settings import ModelSettings
from vision_app.cli.model.options import model_settings
from vision_app.screen.bench_report import as_values, chart, not_measured, sentences, table
from vision_app.screen.console import WIDTH, console


@click.command()
@click.argument("bundle", required=False)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0.01, max=60),
    default=1.0,
    show_default=True,
    help="For each way, and again in each round that it is worth it.",
)
@click.option("--json", "as_json", is_flag=True, help="Every figure as JSON.")
@model_settings
def bench(bundle: str | None, seconds: float, as_json: bool, settings: ModelSettings) -> None:
    """Measure every runtime, device, precision and number of threads that can run a bundle.

    Each is checked against the golden example and measured in a process of its own. The result
    is kept for this machine, and backend = "auto" uses it from then on.

    BUNDLE: a folder, a tar, or a name, as in the configuration; default: what that names.

    Exit code 1 when nothing here runs it.

    Example: vision-app model bench greenhouse-tomatoes
    """
    with open_bundle(bundle or settings.bundle, settings.store) as opened, _progress() as follow:
        effort = Effort(thread_counts(usable_cores()), seconds)
        report = bench_all(opened, settings, effort, follow)
        kept = keep(opened, settings, datetime.now(timezone.utc), report.measurements)
    if as_json:
        manifest = opened.manifest
        about = {"bundle": manifest.name, "version": manifest.version, "kept": str(kept)}
        click.echo(json.dumps(about | as_values(report), indent=2))
    else:
        _show(report, opened)
    sys.exit(0 if report.best else 1)


@contextmanager
def _progress() -> Iterator[Follow]:
    screen = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(20), MofNCompleteColumn())
    off = not screen.is_terminal
    with ProgressBar(*columns, console=screen, disable=off, transient=True) as shown:
        task = shown.add_task("looking for ways to run it", total=None)

        def follow(now: Progress) -> None:
            where = f"{now.choice.name} ×{now.choice.placement.threads}"
            text = f"round {now.round} of {len(ROUNDS)}: {where}"
            shown.update(task, description=text, completed=now.done, total=now.total)

        yield follow


def _show(report: Report, bundle: Bundle) -> None:
    paper = console(WIDTH)
    if report.measurements:
        paper.print(table(report))
        paper.print("\nimages per second, at the median time", style="bold")
        for line in chart(report):
            paper.print(line)
        paper.print()
    for sentence in sentences(report, bundle.manifest):
        paper.print(sentence, markup=False)
    if report.notes:
        paper.print("\nnot measured", style="bold")
        paper.print(not_measured(report))
