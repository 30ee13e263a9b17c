"""`vision-app model pack`."""

from pathlib import Path

import click

from models.bundles.archive import pack as pack_files
from models.bundles.bundle import files_of, open_bundle
from models.settings import ModelSettings
from vision_app.cli.model.options import model_settings


@click.command()
@click.argument("bundle")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
@model_settings
def pack(bundle: str, out: Path, settings: ModelSettings) -> None:
    """Write a bundle as one tar, to be carried to other machines; the same files, the same bytes.

    Example: vision-app model pack shelf --out shelf.tar
    """
    with open_bundle(bundle, settings.store) as opened:
        pack_files(opened.folder, files_of(opened.manifest), out)
    click.echo(str(out))
