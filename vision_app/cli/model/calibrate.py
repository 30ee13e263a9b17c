"""`vision-app model calibrate`."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track

from models.bundles.bundle import open_bundle
from models.calibration.calibration import Fit
from models.calibration.labelled import Labelled, Source
from models.calibration.recalibrate import measure, require_place, write_fit
from models.classifier import first_proven
from models.settings import ModelSettings
from vision_app.cli.model.options import model_settings
from vision_app.screen.console import WIDTH, console
from vision_app.screen.reliability_chart import diagram, legend, summary


@click.command()
@click.argument("bundle")
@click.option(
    "--labelled",
    type=click.Path(path_type=Path, exists=True),
    required=True,
    help="A folder with a folder of pictures per label, or a CSV with the columns file,label.",
)
@click.option(
    "--files",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="What the files of the CSV are relative to. Default: the CSV's own folder.",
)
@click.option("--rows", metavar="COLUMN=VALUE", help="Only these rows of the CSV, as split=val.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write a calibrated copy, and leave the bundle as it is.",
)
@click.option("--dry-run", is_flag=True, help="Measure, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Every figure as JSON.")
@model_settings
def calibrate(
    bundle: str,
    labelled: Path,
    files: Path | None,
    rows: str | None,
    out: Path | None,
    dry_run: bool,
    as_json: bool,
    settings: ModelSettings,
) -> None:
    """Make a classifier as sure as it is right, from labelled frames that it was not trained on.

    Fits the temperature of its output, and writes it into the manifest with the number of frames
    and the calibration error before and after. Nothing is written unless held-out frames say that
    it is better.

    The frames must be a random sample of what its camera sees, masked as it sees them: 100 or more,
    10 or more of each label. Frames that were kept because it was unsure of them bias the result.

    BUNDLE: a folder, a tar, or a name, as in the configuration.

    Example: vision-app model calibrate ./shelf --labelled sample.csv
    """
    source = Source(labelled, files, _pair(rows))
    with (
        open_bundle(bundle, settings.store) as opened,
        first_proven(opened, settings) as classifier,
    ):
        if not dry_run:
            require_place(opened, out)
        found = measure(opened, classifier, source, _watched)
        write = found.better and not dry_run
        written = write_fit(opened, found, out) if write else None
        present = opened.manifest.output.temperature
    if as_json:
        click.echo(json.dumps(_values(found, present, written), indent=2))
    else:
        _show(found, present, written)


def _pair(rows: str | None) -> tuple[str, str] | None:
    if rows is None:
        return None
    column, equals, value = rows.partition("=")
    if not equals:
        raise click.BadParameter("write it as COLUMN=VALUE", param_hint="--rows")
    return column, value


def _watched(frames: Sequence[Labelled]) -> Iterable[Labelled]:
    screen = Console(stderr=True)
    off = not screen.is_terminal
    return track(frames, "classifying", console=screen, disable=off, transient=True)


def _values(found: Fit, present: float, written: Path | None) -> dict[str, Any]:
    where = None if written is None else str(written)
    values = {**asdict(found), "temperature_before": present, "better": found.better}
    return {**values, "written": where}


def _show(found: Fit, present: float, written: Path | None) -> None:
    paper = console(WIDTH)
    paper.print(diagram(found))
    paper.print(f"{legend()}\n", style="dim")
    for line in summary(found, present):
        paper.print(line)
    paper.print(_outcome(found, present, written), soft_wrap=True, markup=False)


def _outcome(found: Fit, present: float, written: Path | None) -> str:
    if written is not None:
        return f"written into {written}"
    if found.better:
        return "nothing was written, as this was a dry run"
    return (
        f"the temperature stays at {present:.4g}: held-out frames say that a fitted one is no "
        "better; it needs more frames, or is calibrated already"
    )
