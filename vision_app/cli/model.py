"""`vision-app model`: third-party models and other files of the catalogue."""

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from models.catalogue import catalogue
from models.pull import cached
from models.pull import pull as pull_item
from vision_app import config


@click.group()
def model() -> None:
    """List and pull the models that are fetched, never shipped."""


@model.command("list")
@click.option("--json", "as_json", is_flag=True, help="Rows as JSON.")
def list_items(as_json: bool) -> None:
    """Show every pullable file, its licence, and whether it is here.

    Example: vision-app model list
    """
    folder = config.data_folder() / "models"
    here = {name: cached(name, folder) for name in catalogue()}
    if as_json:
        rows = [
            {
                "name": name,
                "task": item.task,
                "licence": item.licence,
                "sha256": item.sha256,
                "path": str(here[name]) if here[name] else None,
            }
            for name, item in catalogue().items()
        ]
        click.echo(json.dumps(rows, indent=2))
        return
    grid = Table("name", "task", "licence", "here")
    for name, item in catalogue().items():
        grid.add_row(name, item.task, item.licence, "yes" if here[name] else "no")
    Console().print(grid)


@model.command()
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
