"""`vision-app model verify`."""

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from devices.boards.accelerators import accelerators
from models.bundles.bundle import Bundle, open_bundle, seal_bundle
from models.choice import DEFAULT_THREADS, backends_for, every_choice
from models.classifier import distance, unproven
from models.errors import ModelError
from models.settings import ModelSettings
from models.way import Choice
from vision_app.cli.model.busy import busy, say
from vision_app.cli.model.options import model_settings
from vision_app.machine.accelerator_use import notes_of_here
from vision_app.screen.console import console


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one way to run the bundle did.

    difference: largest, of a score from the golden one; None where it did not run.
    """

    weights: str
    runs_on: str
    difference: float | None
    tolerance: float
    verdict: str


@click.command()
@click.argument("bundle")
@click.option("--seal", is_flag=True, help="Write manifest.sha256 first, of a manifest you wrote.")
@click.option("--json", "as_json", is_flag=True, help="Rows as JSON.")
@model_settings
def verify(bundle: str, seal: bool, as_json: bool, settings: ModelSettings) -> None:
    """Check every byte of a bundle, and its golden example on every runtime of this machine.

    Exit code 0: it can be used here. 1: it cannot.

    Example: vision-app model verify shelf
    """
    if seal:
        seal_bundle(Path(bundle))
    notes: list[str] = []
    with open_bundle(bundle, settings.store) as opened, busy("running the golden example"):
        rows = [_tried(opened, choice, settings) for choice in _ways(opened, settings, notes)]
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        click.echo(f"{opened.where}: every byte is as it was made")
        _show(rows)
    say(notes_of_here(tuple(dict.fromkeys(notes)), accelerators()))
    sys.exit(0 if any(row.verdict == "ok" for row in rows) else 1)


def _ways(bundle: Bundle, settings: ModelSettings, notes: list[str]) -> list[Choice]:
    threads = (settings.threads if settings.threads is not None else DEFAULT_THREADS,)
    return [
        choice
        for backend in backends_for(bundle)
        for choice in every_choice(bundle, backend, settings, threads, notes)
    ]


def _tried(bundle: Bundle, choice: Choice, settings: ModelSettings) -> Verdict:
    weights, away = choice.weights, None
    try:
        with unproven(bundle, choice, settings.runtime) as classifier:
            away = distance(classifier, bundle.golden)
    except ModelError as error:
        verdict = str(error)
    else:
        verdict = "ok" if away <= weights.tolerance else "too far from the golden scores"
    return Verdict(weights.file, choice.name, away, weights.tolerance, verdict)


def _show(rows: list[Verdict]) -> None:
    grid = Table("runs on", "weights", "difference", "allowed", "verdict")
    for row in rows:
        away = "" if row.difference is None else f"{row.difference:.2g}"
        cells = (row.runs_on, row.weights, away, f"{row.tolerance:g}", row.verdict)
        grid.add_row(*map(escape, cells))
    console().print(grid)
