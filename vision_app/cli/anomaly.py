"""`vision-app anomaly`: learn what normal sensor readings are, and judge a file of them."""

import csv
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from models.anomaly.fit import FitOptions, FitReport
from models.anomaly.fit import fit as fit_model
from models.anomaly.score import COLUMNS
from models.anomaly.score import score as score_file
from models.anomaly.source import Source
from models.anomaly.stream import AnomalyModel

Command = Callable[..., Any]


@click.group()
def anomaly() -> None:
    """Fit a One-Class SVM on normal readings; score readings with it."""


def _source_options(command: Command) -> Command:
    """Which file, and how it is read."""
    for option in (
        click.option("--separator", default=",", show_default=True),
        click.option("--time-column", default="time", show_default=True),
        click.argument("data", type=click.Path(path_type=Path)),
    ):
        command = option(command)
    return command


@anomaly.command()
@_source_options
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The bundle's folder.")
@click.option("--signal", "signals", multiple=True, help="Column to learn; default: all.")
@click.option("--first-rows", type=click.IntRange(min=1), help="Learn from the first rows only.")
@click.option("--window", type=click.FloatRange(min=0, min_open=True), metavar="S")
@click.option("--nu", type=click.FloatRange(0, 1, min_open=True), default=0.05, show_default=True)
@click.option(
    "--false-alarms",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.005,
    show_default=True,
    help="Share of normal readings that may be called anomalous.",
)
@click.option("--replace", is_flag=True, help="Replace a bundle that is there.")
def fit(
    data: Path,
    time_column: str,
    separator: str,
    out: Path,
    signals: tuple[str, ...],
    first_rows: int | None,
    window: float | None,
    nu: float,
    false_alarms: float,
    replace: bool,
) -> None:
    """Learn from a CSV file of normal readings, and write a bundle for the device.

    Needs the extra "train" (scikit-learn); the device needs numpy alone.

    Example: vision-app anomaly fit normal.csv --out climate-model
    """
    source = Source(data, time_column, separator, signals, first_rows)
    options = FitOptions(window_s=window, nu=nu, false_alarm_rate=false_alarms, replace=replace)
    _say(fit_model(source, out, options))


@anomaly.command()
@_source_options
@click.option("--model", type=click.Path(path_type=Path), required=True, help="The bundle.")
@click.option("--out", type=click.File("w", lazy=True), default="-", help="Default: the terminal.")
def score(data: Path, time_column: str, separator: str, model: Path, out: Any) -> None:
    """Judge every reading of a CSV file; writes a CSV of scores.

    Example: vision-app anomaly score today.csv --model climate-model --out scores.csv
    """
    rows = csv.writer(out, lineterminator="\n")
    scored = score_file(AnomalyModel.open(model), Source(data, time_column, separator))
    count = anomalous = 0
    for row in scored:
        if count == 0:
            rows.writerow(COLUMNS)
        rows.writerow(row.cells())
        count += 1
        anomalous += row.anomaly is not None and row.anomaly.anomalous
    click.echo(f"{count} readings, {anomalous} anomalous", file=sys.stderr)


def _say(report: FitReport) -> None:
    lost = ", ".join(f"{count} {reason}" for reason, count in report.losses.items())
    click.echo(
        f"{report.out}: {len(report.signals)} signals, {report.rows} rows"
        f"{f' ({lost})' if lost else ''}, {report.support_vectors} support vectors, "
        f"threshold {report.threshold:.4g} for {report.false_alarm_rate:.2%} false alarms"
    )
