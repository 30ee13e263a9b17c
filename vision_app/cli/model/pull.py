"""`vision-app model pull`."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from models.catalogue.catalogue import catalogue
from models.catalogue.pull import pull as pull_item
from models.errors import PullError
from vision_app import config

FACES = "faces"
"""The name for all face detectors at once."""


@click.command()
@click.argument("name", type=click.Choice([FACES, *sorted(catalogue())]))
@click.option("--mirror", help="Folder or URL to try first. [VISION_APP_MODEL_MIRROR]")
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), help="Another folder.")
def pull(name: str, mirror: str | None, to: Path | None) -> None:
    """Fetch one file of the catalogue, or all face detectors; check hashes, and keep them.

    Exit code 1 when one cannot be had; the others are fetched even so.

    Example: vision-app model pull faces
    """
    folder = to or config.data_folder() / "models"
    failed = 0
    for one in _names(name):
        try:
            path = pull_item(one, folder, mirror or config.mirror(), lambda text: click.echo(text))
            click.echo(str(path))
        except PullError as error:
            click.echo(f"vision-app: {error}", err=True)
            failed += 1
    sys.exit(1 if failed else 0)


def _names(name: str) -> Sequence[str]:
    rows = catalogue().values()
    return [row.name for row in rows if row.task == FACES] if name == FACES else [name]
