"""`vision-app model list`."""

import json

import click
from rich.console import Console
from rich.table import Table

from models.catalogue import catalogue
from models.pull import cached
from vision_app import config


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Rows as JSON.")
def list_models(as_json: bool) -> None:
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
