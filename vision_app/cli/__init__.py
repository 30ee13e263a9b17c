"""The command line, one file per command."""

import sys

import click

from devices.errors import DeviceError
from masking.errors import MaskingError
from models.errors import ModelError
from uploader.errors import UploaderError
from vision_app.cli.late_group import LateGroup
from vision_app.errors import AppError, ConfigError, Refused
from vision_app.version import version

FAILED, SET_UP_WRONG = 1, 2


COMMANDS = {
    name: f"vision_app.cli.{name.replace('-', '_')}:{name.replace('-', '_')}"
    for name in (
        "run", "demo", "check", "doctor", "mask", "model", "anomaly", "alerts", "receipts",
        "export", "import-feedback", "simulate", "spool",
    )
}  # fmt: skip
"""Where each command is."""


@click.group(
    cls=LateGroup, places=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(version(), prog_name="vision-app")
def cli() -> None:
    """Camera edge application: masks every face, classifies, publishes, and uploads what is worth
    a label."""


def main() -> None:
    """Runs the command line; a failure is one sentence on standard error, never a traceback.

    Exit codes: 0 done, 1 failed, 2 set up wrong.
    """
    try:
        cli(standalone_mode=True)
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(SET_UP_WRONG)
    except Refused as error:
        click.echo(f"vision-app: {error}", err=True)
        sys.exit(SET_UP_WRONG)
    except (AppError, DeviceError, ModelError, MaskingError, UploaderError) as error:
        click.echo(f"vision-app: {error}", err=True)
        sys.exit(FAILED)
