"""`vision-app alerts`: what sensors raised on this device, and that somebody has seen it."""

import json
import time
from collections.abc import Iterable
from pathlib import Path
from threading import Event as Flag
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from models import durable
from uploader.identity import is_id
from uploader.record import rfc3339
from vision_app import config
from vision_app.alerting import acks
from vision_app.alerting.alert import Alert
from vision_app.alerting.shelf import FOLDER, Kept, read
from vision_app.errors import AppError, Refused
from vision_app.events import AlertEvent, AnomalyEvent, Origin
from vision_app.screen.console import console
from vision_app.settings import Settings

HEARD_S = 3.0
LISTED = 50
CONFIG = click.option(
    "-c", "--config", "path", type=click.Path(path_type=Path), help="The device data of this."
)
JSON = click.option("--json", "as_json", is_flag=True, help="The same for programs.")


@click.group()
def alerts() -> None:
    """See the alerts of sensors, and acknowledge them. All of it works beside a running service."""


@alerts.command("list")
@CONFIG
@JSON
def list_(path: Path | None, as_json: bool) -> None:
    """The alerts that stand; as JSON a line for each, as on its retained MQTT topic.

    Example: vision-app alerts list -c site.toml
    """
    settings = _settings(path)
    found = [kept for kept in read(_folder(settings)) if kept.alert.open]
    if as_json:
        for kept in found:
            event = AlertEvent(_origin(settings), kept.alert.sensor, kept.alert)
            click.echo(json.dumps(event.payload(), ensure_ascii=False))
    elif found:
        console().print(_table(found))
    else:
        click.echo("no alert stands")


@alerts.command()
@CONFIG
@JSON
@click.option("--limit", type=click.IntRange(min=0), default=LISTED, show_default=True,
              help="So many, the newest; 0: all.")  # fmt: skip
def history(path: Path | None, as_json: bool, limit: int) -> None:
    """Every alert that is remembered, the oldest first; as JSON a line for each change.

    Example: vision-app alerts history --limit 0 --json
    """
    settings = _settings(path)
    found = read(_folder(settings))[-limit:]
    if not as_json:
        console().print(_table(found))
        return
    for kept in found:
        for change in kept.alert.changes:
            click.echo(json.dumps(_change(settings, kept, change.number), ensure_ascii=False))


@alerts.command()
@CONFIG
@JSON
@click.argument("id")
def ack(path: Path | None, as_json: bool, id: str) -> None:
    """Say that an alert was seen: it grows no more, and clears by itself.

    A running service takes it up at once; otherwise the next start does.

    Example: vision-app alerts ack 0198c2d4-7b5e-7c1a-9f00-3d2b1a4c5e6f
    """
    folder = _folder(_settings(path))
    alert = _open_alert(folder, id)
    if alert.when("acknowledged") is None:
        try:
            left = acks.leave(folder, id)
        except OSError as error:
            raise AppError(
                f"nothing can be left for the service in {folder}: {durable.reason(error)}"
            ) from error
        heard = _heard(left)
    else:
        heard = True
    state = "acknowledged" if heard else "noted"
    if as_json:
        click.echo(json.dumps({"alert": id, "state": state}))
    elif heard:
        click.echo(f"the alert of {alert.sensor} is acknowledged")
    else:
        click.echo(f"no service runs: its next start acknowledges the alert of {alert.sensor}")


def _open_alert(folder: Path, id: str) -> Alert:
    if not is_id(id):
        raise Refused(f"{id!r} is no id of an alert; `vision-app alerts list` shows them")
    for kept in read(folder):
        if kept.alert.id == id:
            if not kept.alert.open:
                raise AppError(f"the alert {id} is cleared already")
            return kept.alert
    raise AppError(f"there is no alert {id}; `vision-app alerts list` shows those that stand")


def _heard(left: Path) -> bool:
    """Whether a service took it up before long."""
    until_s = time.monotonic() + HEARD_S
    while left.exists() and time.monotonic() < until_s:
        Flag().wait(0.05)
    return not left.exists()


def _change(settings: Settings, kept: Kept, number: int) -> dict[str, Any]:
    """A change as it was told, and by whom it was confirmed."""
    said = AnomalyEvent(_origin(settings), kept.alert, number).payload()
    said.pop("again")
    return said | {"told": {who: number in told for who, told in kept.told.items()}}


def _table(found: Iterable[Kept]) -> Table:
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("id", "sensor", "state", "severity", "raised", "cleared", "frames", "why"):
        grid.add_column(title, overflow="fold")
    for kept in found:
        alert, cleared = kept.alert, kept.alert.when("cleared")
        plain = (alert.id, alert.sensor, alert.newest.state, alert.newest.severity)
        times = (rfc3339(alert.raised_at), rfc3339(cleared) if cleared else "")
        why = Text(alert.changes[0].text)
        grid.add_row(*plain, *times, str(len(alert.frames)), why)
    return grid


def _settings(path: Path | None) -> Settings:
    return config.load(path) if path else config.complete(Settings(), Path.cwd())


def _folder(settings: Settings) -> Path:
    assert settings.device.data is not None, "completed by config.complete"
    return settings.device.data / FOLDER


def _origin(settings: Settings) -> Origin:
    return Origin(settings.device.site, settings.device.name)
