"""`vision-app receipts`: the proof of what was done to every kept frame."""

import json
from pathlib import Path

import click

from uploader.receipts.key import FOLDER, read_key
from vision_app import config
from vision_app.cli.receipts_verify import verify
from vision_app.settings import Settings


@click.group()
def receipts() -> None:
    """Check what was kept against what the devices signed."""


@receipts.command()
@click.option(
    "-c", "--config", "path", type=click.Path(path_type=Path), help="The device data of this."
)
@click.option("--pem", is_flag=True, help="In the form that other tools read.")
@click.option("--json", "as_json", is_flag=True, help="The key in both forms, and its fingerprint.")
def key(path: Path | None, pem: bool, as_json: bool) -> None:
    """Print the public key of this device, for whoever will verify what it stores.

    It is base64 of 32 bytes. The fingerprint, which health events and `receipts verify` show, goes
    to standard error.

    Example: vision-app receipts key -c site.toml > camera-1.key
    """
    settings = config.load(path) if path else config.complete(Settings(), Path.cwd())
    assert settings.device.data is not None, "completed by config.complete"
    own = read_key(settings.device.data / FOLDER)
    if as_json:
        shown = {"key": own.public_key, "pem": own.public_pem, "fingerprint": own.fingerprint}
        click.echo(json.dumps(shown, indent=2))
        return
    click.echo(own.public_pem if pem else own.public_key, nl=not pem)
    click.echo(f"fingerprint {own.fingerprint}", err=True)


receipts.add_command(verify)
