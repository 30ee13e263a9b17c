"""The command line, one file per command."""

import sys

import click

from devices.errors import DeviceError
from masking.errors import MaskingError
from models.errors import ModelError
from uploader.errors import UploaderError
from vision_app.cli.alerts import alerts
from vision_app.cli.anomaly import anomaly
from vision_app.cli.check import check
from vision_app.cli.demo import demo
from vision_app.cli.doctor import doctor
from vision_app.cli.export import export
from vision_app.cli.import_feedback import import_feedback
from vision_app.cli.mask import mask
from vision_app.cli.model import model
from vision_app.cli.receipts import receipts
from vision_app.cli.run import run
from vision_app.cli.simulate import simulate
from vision_app.cli.spool import spool
from vision_app.errors import AppError, ConfigError, Refused
from vision_app.version import version

FAILED, SET_UP_WRONG = 1, 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version(), prog_name="vision-app")
def cli() -> None:
    """Camera edge application: masks every face, classifies, publishes, and uploads what is worth
    a label."""


for command in (
    run,
    demo,
    check,
    doctor,
    mask,
    model,
    anomaly,
    alerts,
    receipts,
    export,
    import_feedback,
    simulate,
    spool,
):
    cli.add_command(command)


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
