"""`vision-app anomaly replace` and `rollback`: which model judges a sensor of this device."""

import sys
from pathlib import Path

import click

from models.anomaly.compare import compare
from models.anomaly.in_use import InUse
from models.anomaly.source import Source
from models.anomaly.stream import AnomalyModel
from vision_app import config
from vision_app.cli.anomaly_compare import comparison_options, spans, tell
from vision_app.cli.anomaly_source import source_options
from vision_app.errors import Refused
from vision_app.sensors.live_models import in_use_of

_config = click.option(
    "-c", "--config", "path", type=click.Path(path_type=Path), required=True, help="TOML file."
)


@click.command()
@click.argument("next", type=click.Path(path_type=Path))
@source_options
@_config
@comparison_options
@click.option("--force", metavar="REASON", help="Replace it even if it is worse; why is kept.")
def replace(
    next: Path,
    data: Path,
    time_column: str,
    separator: str,
    sensor: str,
    path: Path,
    held_out: float,
    labels: Path | None,
    as_json: bool,
    force: str | None,
) -> None:
    """Put the NEXT model in use for a sensor, when `compare` on DATA says that it may.

    A service that runs takes it up within seconds, between two readings. Exit code 1: it is worse,
    or nobody can tell; then all stays as it is.

    Example: vision-app anomaly replace next-model bucket/sensors -c site.toml
    """
    if force is not None and not force.strip():
        raise Refused("--force needs a reason, in words")
    used = _in_use(path, sensor)
    source = Source(data, time_column, separator, sensor=sensor)
    found = compare(used.path, next, source, spans(labels), held_out)
    tell(found, as_json)
    if not found.may_replace and force is None:
        sys.exit(1)
    why = found.verdict if force is None else f"forced: {force.strip()} ({found.verdict})"
    where = used.replace(next, why)
    click.echo(f"in use: {where}", err=True)


@click.command()
@_config
@click.option("--sensor", default="", help="Where several have a model: whose.")
def rollback(path: Path, sensor: str) -> None:
    """Put the model in use again that a sensor had before.

    Example: vision-app anomaly rollback -c site.toml
    """
    click.echo(f"in use: {_in_use(path, sensor).rollback()}", err=True)


def _in_use(path: Path, sensor: str) -> InUse:
    """Of the sensor of that name, or of the only one with a model."""
    settings = config.load(path)
    judged = {block.name: block.model for block in settings.sensor if block.model is not None}
    if sensor not in judged and (sensor or len(judged) != 1):
        raise Refused(
            f"{path} has {'no such sensor with a model' if sensor else 'several or none'}: name "
            f"one with --sensor ({', '.join(judged) or 'none has a model'})"
        )
    name = sensor or next(iter(judged))
    model = judged[name]
    assert model is not None
    return in_use_of(settings, name, AnomalyModel.open(model))
