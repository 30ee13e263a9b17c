"""`vision-app model activate`, `rollback` and `prune`: which version a name stands for."""

import click

from models.bundles.store import Store, Stored
from models.settings import ModelSettings
from vision_app.cli.model.busy import busy
from vision_app.cli.model.options import model_settings


@click.command()
@click.argument("wanted", metavar="NAME@VERSION")
@model_settings
def activate(wanted: str, settings: ModelSettings) -> None:
    """Make a version that is here the one that its name stands for, once it has been tried.

    A service that runs takes it up at its next start.

    Example: vision-app model activate shelf@2
    """
    with busy("trying it on this machine"):
        stored = Store(settings).activate(wanted)
    _tell(stored)


@click.command()
@click.argument("name")
@model_settings
def rollback(name: str, settings: ModelSettings) -> None:
    """Make the version active again that was so before, once it has been tried.

    Example: vision-app model rollback shelf
    """
    with busy("trying it on this machine"):
        stored = Store(settings).rollback(name)
    _tell(stored)


@click.command()
@click.argument("name", required=False)
@model_settings
def prune(name: str | None, settings: ModelSettings) -> None:
    """Remove the versions that are neither active nor the one before, of one name or of all.

    Example: vision-app model prune
    """
    gone = Store(settings).prune(name)
    click.echo(f"removed {', '.join(gone)}" if gone else "nothing to remove")


def _tell(stored: Stored) -> None:
    click.echo(f"{stored.name}@{stored.version} is active")
