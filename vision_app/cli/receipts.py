"""`vision-app receipts`: the proof of what was done to every kept frame."""

import click

from vision_app.cli.receipts_verify import verify


@click.group()
def receipts() -> None:
    """Check what was kept against what the devices signed."""


receipts.add_command(verify)
