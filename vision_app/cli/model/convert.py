"""`vision-app model convert`."""

from pathlib import Path

import click

from models.errors import NotConvertible
from models.importing.import_network import About, import_checkpoint, import_for_mxnet
from models.importing.presets import Told, told_with
from models.settings import ModelSettings
from vision_app.cli.model.busy import busy, say
from vision_app.cli.model.network_options import network_options
from vision_app.cli.model.options import model_settings
from vision_app.errors import AppError


@click.command()
@click.argument(
    "checkpoint", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="CHECKPOINT…"
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The bundle's folder.")
@click.option("--epoch", type=click.IntRange(min=0), help="Which of several. Default: the newest.")
@click.option("--worker", is_flag=True, help="Leave it as it is, to be run by mxnet itself.")
@network_options
@model_settings
def convert(
    checkpoint: tuple[Path, ...],
    out: Path,
    epoch: int | None,
    worker: bool,
    preset: str | None,
    told: Told,
    about: About,
    settings: ModelSettings,
) -> None:
    """Make a bundle of an MXNet checkpoint, without mxnet: a SageMaker model.tar.gz, a folder, a
    prefix, or the files *-symbol.json and *-NNNN.params.

    It becomes ONNX, which the usual runtimes run. How it wants its pictures stands in no
    checkpoint: it is told, by --preset or one by one.

    Example: vision-app model convert model.tar.gz --preset sagemaker --out shelf
    """
    notes: list[str] = []
    what = (checkpoint, out, about, told_with(preset, told))
    with busy("converting"):
        try:
            if worker:
                bundle = import_for_mxnet(*what, settings.runtime, notes, epoch)
            else:
                bundle = import_checkpoint(*what, told.kind, settings.runtime, notes, epoch)
        except NotConvertible as error:
            raise AppError(f"{error}: add --worker") from None
    say(notes)
    click.echo(f"{out} is the bundle {bundle.manifest.name} {bundle.manifest.version}")
