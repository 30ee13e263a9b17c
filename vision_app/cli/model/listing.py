"""`vision-app model list`."""

import json
from collections.abc import Iterator
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from models.bundles.bundle import built_in, open_bundle
from models.bundles.store import Store, Stored
from models.catalogue.catalogue import catalogue
from models.catalogue.pull import cached
from models.errors import ModelError
from models.settings import ModelSettings
from vision_app import config
from vision_app.cli.model.options import model_settings
from vision_app.screen.console import console

Row = dict[str, Any]


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Rows as JSON.")
@model_settings
def list_models(as_json: bool, settings: ModelSettings) -> None:
    """Show the bundles in the store, the built-in ones, and the files that can be pulled.

    Example: vision-app model list
    """
    stored = [_stored(one) for one in Store(settings).bundles()]
    own = [_bundle(name, "built-in") for name in built_in()]
    pulled = list(_pullable())
    if as_json:
        click.echo(json.dumps([*stored, *own, *pulled], indent=2))
        return
    _show("bundles", ("name", "version", "state", "licence"), [*stored, *own])
    _show("files to pull", ("name", "task", "state", "licence"), pulled)


def _stored(stored: Stored) -> Row:
    state = "active" if stored.active else "previous" if stored.previous else "here"
    row = _bundle(str(stored.folder), state)
    return row | {"name": stored.name, "version": stored.version}


def _bundle(where: str, state: str) -> Row:
    try:
        with open_bundle(where) as bundle:
            manifest = bundle.manifest
    except ModelError as error:
        return {"name": where, "version": "", "state": "damaged", "licence": str(error)}
    return {
        "name": manifest.name,
        "version": manifest.version,
        "task": manifest.task,
        "state": state,
        "licence": manifest.licence,
        "path": str(bundle.folder),
    }


def _pullable() -> Iterator[Row]:
    folder = config.data_folder() / "models"
    for name, item in catalogue().items():
        path = cached(name, folder)
        yield {
            "name": name,
            "task": item.task,
            "state": "here" if path else "not here",
            "licence": item.licence,
            "sha256": item.sha256,
            "path": str(path) if path else None,
        }


def _show(title: str, columns: tuple[str, ...], rows: list[Row]) -> None:
    grid = Table(*columns, title=title, title_justify="left")
    for row in rows:
        grid.add_row(*(escape(str(row.get(column, ""))) for column in columns))
    console().print(grid)
