"""`vision-app model pull`."""

from pathlib import Path

import click

from models.catalogue.catalogue import catalogue
from models.catalogue.pull import pull as pull_item
from vision_app import config


@click.command()
@click.argument("name", type=click.Choice(sorted(catalogue())))
@click.option("--mirror", help="Folder or URL to try first. [VISION_APP_MODEL_MIRROR]")
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), help="Another folder.")
def pull(name: str, mirror: str | None, to: Path | None) -> None:
    """Fetch one file of the catalogue, check its hash, and keep it.

    Example: vision-app model pull centerface
    """
    folder = to or config.data_folder() / "models"
    path = pull_item(name, folder, mirror or config.mirror(), lambda text: click.echo(text))
    click.echo(str(path))
