"""`vision-app model`: bring models to this device, prove them, choose; one file per command."""

import click

from vision_app.cli.model.add import add
from vision_app.cli.model.bench import bench
from vision_app.cli.model.calibrate import calibrate
from vision_app.cli.model.convert import convert
from vision_app.cli.model.listing import list_models
from vision_app.cli.model.pack import pack
from vision_app.cli.model.pull import pull
from vision_app.cli.model.verify import verify
from vision_app.cli.model.versions import activate, prune, rollback


@click.group()
def model() -> None:
    """Bring models to this device, prove them, choose between them."""


for command in (
    list_models,
    pull,
    add,
    convert,
    verify,
    pack,
    activate,
    rollback,
    prune,
    calibrate,
    bench,
):
    model.add_command(command)
