"""`vision-app model add`."""

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from models.bundles.bundle import Bundle, built_in
from models.bundles.store import Store, Stored
from models.importing.import_network import About, import_file
from models.importing.presets import Told, told_with
from models.settings import ModelSettings
from vision_app.cli.model.busy import busy, say
from vision_app.cli.model.network_options import network_options
from vision_app.cli.model.options import model_settings
from vision_app.errors import AppError

NETWORKS = (".tflite", ".onnx")


@click.command()
@click.argument("source", metavar="SOURCE")
@network_options
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Write the bundle into this folder, instead of bringing it into the store.",
)
@model_settings
def add(
    source: str,
    preset: str | None,
    told: Told,
    about: About,
    out: Path | None,
    settings: ModelSettings,
) -> None:
    """Bring a model to this device: a bundle (folder or tar), a .tflite or an .onnx file.

    It is tried first: what does not reproduce its golden example here is refused. A file of
    weights becomes a bundle on the way; how it wants its pictures is not guessed but told, by
    --preset or one by one.

    Example: vision-app model add mobilenet.tflite --labels labels.txt --preset coral
    """
    if Path(source).suffix.lower() not in NETWORKS:
        if told != Told() or preset or about != About() or out:
            raise AppError(
                f"{source} is not a .tflite or .onnx file; of a bundle all is known: leave out "
                "the other options, or use `vision-app model convert` for a checkpoint"
            )
        _tell(_stored(source, settings))
        return
    with TemporaryDirectory(prefix="vision-app-add-") as folder:
        place = out or Path(folder) / "bundle"
        bundle = _imported(Path(source), place, about, told_with(preset, told), settings)
        if out is None:
            _tell(_stored(str(place), settings))
        else:
            click.echo(f"{out} is the bundle {bundle.manifest.name} {bundle.manifest.version}")


def _imported(path: Path, out: Path, about: About, told: Told, settings: ModelSettings) -> Bundle:
    notes: list[str] = []
    with busy(f"running {path.name} for the golden example"):
        bundle = import_file(path, out, about, told, settings.runtime, notes)
    say(notes)
    return bundle


def _stored(where: str, settings: ModelSettings) -> Stored:
    with busy("trying it on this machine"):
        return Store(settings).add(where)


def _tell(stored: Stored) -> None:
    name = f"{stored.name}@{stored.version}"
    if stored.active:
        click.echo(f'{name} is active; use it as [model] bundle = "{stored.name}"')
    else:
        click.echo(f"{name} is here; make it active: vision-app model activate {name}")
    if stored.name in built_in():
        say([f"from now on the name {stored.name} stands for it, not for the built-in bundle"])
