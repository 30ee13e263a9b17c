"""`vision-app anomaly compare`: may the next model take the place of the present one?"""

import csv
import dataclasses
import json
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import click

from models.anomaly.compare import HELD_OUT, Comparison, Span
from models.anomaly.compare import compare as compare_models
from models.anomaly.source import Source
from models.anomaly.trial import Trial
from vision_app.cli.anomaly_source import source_options
from vision_app.errors import Refused

Command = Callable[..., Any]


def comparison_options(command: Command) -> Command:
    """How two models are compared."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="One JSON object."),
        click.option(
            "--labels",
            type=click.Path(path_type=Path),
            help="CSV with columns start and end (RFC 3339): when something was wrong.",
        ),
        click.option(
            "--held-out",
            type=click.FloatRange(0, 1, min_open=True),
            default=HELD_OUT,
            show_default=True,
            help="Share of the time, the last of it, that both are judged on.",
        ),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("present", type=click.Path(path_type=Path))
@click.argument("next", type=click.Path(path_type=Path))
@source_options
@comparison_options
def compare(
    present: Path,
    next: Path,
    data: Path,
    time_column: str,
    separator: str,
    sensor: str,
    held_out: float,
    labels: Path | None,
    as_json: bool,
) -> None:
    """Judge DATA, as `fit` takes it, by two models; only what neither of them has learnt counts.

    Exit code 0: the next one may replace the present one; 1: it is worse, or nobody can tell.

    Example: vision-app anomaly compare climate-model next-model bucket/sensors
    """
    source = Source(data, time_column, separator, sensor=sensor)
    found = compare_models(present, next, source, spans(labels), held_out)
    tell(found, as_json)
    sys.exit(0 if found.may_replace else 1)


def spans(labels: Path | None) -> tuple[Span, ...]:
    """When something was wrong. Raises Refused for a file that does not say."""
    if labels is None:
        return ()
    try:
        with labels.open(newline="", encoding="utf-8") as file:
            return tuple(_spans(csv.DictReader(file)))
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise Refused(
            f"{labels} does not say in columns start and end when something was wrong: {error}"
        ) from error


def _spans(rows: "csv.DictReader[str]") -> Iterator[Span]:
    for row in rows:
        yield _time(row["start"]), _time(row["end"])


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    return at if at.tzinfo else at.replace(tzinfo=timezone.utc)


def tell(found: Comparison, as_json: bool) -> None:
    """The comparison, for people or for scripts."""
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(found), default=_plain))
        return
    if found.present and found.next:
        click.echo(f"judged from {found.since:%Y-%m-%d %H:%M} to {found.until:%Y-%m-%d %H:%M} UTC")
        click.echo(_table(found.present, found.next))
    for shift in found.shifts[:3]:
        click.echo(
            f"{shift.feature} of {shift.signal}: {shift.deviations:+.1f} training deviations "
            "between what they learnt"
        )
    click.echo(found.verdict)


def _plain(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat().replace("+00:00", "Z")


def _table(present: Trial, next: Trial) -> str:
    rows = [("", "present", "next")]
    rows += [(name, say(present), say(next)) for name, say in _ROWS.items()]
    if present.f1 or next.f1:
        rows += [(name, say(present), say(next)) for name, say in _LABELLED.items()]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


_ROWS: dict[str, Callable[[Trial], str]] = {
    "model": lambda t: f"{t.name} {t.version}",
    "window": lambda t: f"{t.window_s:g} s",
    "threshold": lambda t: f"{t.threshold:.4g}",
    "moments": lambda t: f"{t.moments}",
    "normal moments above it": lambda t: f"{t.share_above:.2%}",
    "  95% sure": lambda t: f"{t.interval[0]:.2%} to {t.interval[1]:.2%}",
    "planted changes found": lambda t: f"{t.found:.0%}",
}
_LABELLED: dict[str, Callable[[Trial], str]] = {
    "precision": lambda t: f"{t.precision:.3f}",
    "recall": lambda t: f"{t.recall:.3f}",
    "F1": lambda t: f"{t.f1:.3f}",
}
