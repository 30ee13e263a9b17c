"""`vision-app import-feedback`: what AWS's ML Feedback connector was told, as our configuration."""

from pathlib import Path

import click

from uploader.choosing.feedback.as_toml import as_toml, lacks
from uploader.choosing.feedback.feedback import read
from uploader.errors import PolicyError
from vision_app.errors import Refused

MAX_BYTES = 1 << 20


@click.command("import-feedback")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Write it; a new file only.")
def import_feedback(file: Path, out: Path | None) -> None:
    """Turn the configuration of AWS's ML Feedback connector into ours.

    FILE is JSON: a Greengrass connector definition that has the connector, its parameters, or the
    FeedbackConfigurationMap alone. What has no counterpart goes to standard error, in sentences.

    Example: vision-app import-feedback connectors.json -o keep.toml
    """
    try:
        connector = read(_text(file))
        toml = as_toml(connector, file.name)
    except PolicyError as error:
        raise Refused(f"{file}: {error}") from None
    if out is None:
        click.echo(toml, nl=False)
    else:
        _write(out, toml)
    for lack in lacks(connector):
        click.echo(lack, err=True)


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            read = opened.read(MAX_BYTES + 1)
        if len(read) > MAX_BYTES:
            raise Refused(f"{file} has more than {MAX_BYTES} bytes; no such configuration has")
        return read.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{file} cannot be read: {error}") from None


def _write(out: Path, toml: str) -> None:
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(toml)
    except FileExistsError:
        raise Refused(f"{out} is there already; name a new file") from None
    except OSError as error:
        raise Refused(f"{out} cannot be written: {error}") from None
