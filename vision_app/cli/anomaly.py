"""`vision-app anomaly`: learn what normal sensor readings are, and judge a file of them."""

import csv
import sys
from pathlib import Path
from typing import Any, get_args

import click

from models.anomaly.alarm import Alarm
from models.anomaly.fit import FitOptions, FitReport
from models.anomaly.fit import fit as fit_model
from models.anomaly.learn import Method
from models.anomaly.score import COLUMNS, Scored
from models.anomaly.score import score as score_file
from models.anomaly.source import Source
from models.anomaly.stream import AnomalyModel
from vision_app.cli.anomaly_compare import compare
from vision_app.cli.anomaly_replace import replace, rollback
from vision_app.cli.anomaly_source import source_options
from vision_app.cli.anomaly_watch import watch
from vision_app.screen.anomaly_plot import plotted


@click.group()
def anomaly() -> None:
    """Fit a One-Class SVM on normal readings, score and watch readings with it, replace it."""


for command in (watch, compare, replace, rollback):
    anomaly.add_command(command)


@anomaly.command()
@source_options
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The bundle's folder.")
@click.option("--signal", "signals", multiple=True, help="Column to learn; default: all.")
@click.option("--first-rows", type=click.IntRange(min=1), help="Learn from the first rows only.")
@click.option(
    "--window",
    type=click.FloatRange(min=0, min_open=True),
    metavar="S",
    help="Default: an eighth of the time that the signals remember, at least 12 readings.",
)
@click.option("--nu", type=click.FloatRange(0, 1, min_open=True), default=0.05, show_default=True)
@click.option(
    "--false-alarms",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.01,
    show_default=True,
    help="Share of normal readings that may be called anomalous.",
)
@click.option(
    "--left-out",
    type=click.FloatRange(0, 0.5, max_open=True),
    default=0.0,
    show_default=True,
    help="Share of the readings, the strangest, that may be faults and are not learnt.",
)
@click.option(
    "--held-out",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.0,
    show_default=True,
    help="Share of the time, the last of it, that is kept for `compare` and not looked at.",
)
@click.option(
    "--method",
    type=click.Choice(get_args(Method)),
    default="exact",
    show_default=True,
    help="exact: on up to 10,000 rows that cover all; nystroem: an approximation on all.",
)
@click.option("--replace", is_flag=True, help="Replace a bundle that is there.")
def fit(
    data: Path, time_column: str, separator: str, sensor: str, out: Path, **options: Any
) -> None:
    """Learn from normal readings, and write a bundle for the device.

    DATA is a CSV file, a Parquet file, or a folder of Parquet files as devices upload them. Needs
    the extra "train" (scikit-learn); the device needs numpy alone.

    Example: vision-app anomaly fit normal.csv --out climate-model
    """
    source = Source(data, time_column, separator, options["signals"], options["first_rows"], sensor)
    chosen = FitOptions(
        window_s=options["window"],
        nu=options["nu"],
        false_alarm_rate=options["false_alarms"],
        left_out=options["left_out"],
        held_out=options["held_out"],
        method=options["method"],
        replace=options["replace"],
    )
    _say(fit_model(source, out, chosen))


@anomaly.command()
@source_options
@click.option("--model", type=click.Path(path_type=Path), required=True, help="The bundle.")
@click.option("--out", type=click.File("w", lazy=True), default="-", help="Default: the terminal.")
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    help="PNG of signals, score, threshold and alerts.",
)
def score(
    data: Path,
    time_column: str,
    separator: str,
    sensor: str,
    model: Path,
    out: Any,
    plot: Path | None,
) -> None:
    """Judge every reading of DATA, as `fit` takes it; writes a CSV of scores, and draws them.

    Example: vision-app anomaly score today.csv --model climate-model --plot today.png
    """
    rows = csv.writer(out, lineterminator="\n")
    opened = AnomalyModel.open(model)
    alarm, seen = Alarm(), []
    count = anomalous = 0
    for row in score_file(opened, Source(data, time_column, separator, sensor=sensor)):
        if count == 0:
            rows.writerow(COLUMNS)
        rows.writerow(row.cells())
        count += 1
        anomalous += row.anomaly is not None and row.anomaly.anomalous
        if plot is not None:
            if row.anomaly is not None:
                alarm.judge(row.anomaly)
            seen.append((row, alarm.raised))
    _draw(plot, opened, seen)
    click.echo(f"{count} readings, {anomalous} anomalous", file=sys.stderr)


def _draw(path: Path | None, model: AnomalyModel, seen: list[tuple[Scored, bool]]) -> None:
    if path is None or not seen:
        return
    manifest = model.manifest
    picture = plotted(seen, model.signals, manifest.threshold, manifest.clear)
    try:
        path.write_bytes(picture)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from error


def _say(report: FitReport) -> None:
    lost = ", ".join(f"{count} {reason}" for reason, count in report.losses.items())
    low, high = report.false_alarm_interval
    click.echo(
        f"{report.out}: {len(report.signals)} signals, {report.rows} rows"
        f"{f' ({lost})' if lost else ''}, windows of {report.window_s:g} s, "
        f"{report.support_vectors} support vectors, threshold {report.threshold:.4g} for "
        f"{report.false_alarm_rate:.2%} false alarms (95% sure: {low:.2%} to {high:.2%})"
    )
    if report.wandering:
        click.echo(
            f"The level of {', '.join(report.wandering)} wanders: only how much it moves is judged"
        )
