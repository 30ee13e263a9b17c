"""Options with which a person says what a network wants and gives."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from functools import wraps
from pathlib import Path
from typing import Any, get_args

import click

from models.bundles.manifest import Color, Kind, Layout, Precision, Resize
from models.importing.import_network import About
from models.importing.presets import PRESETS, Told

Command = Callable[..., Any]
RANGE = r"(-?[0-9.]+)[-,:](-?[0-9.]+)"
FILE = click.Path(path_type=Path, dir_okay=False)


def numbers(
    form: str, kind: type, pattern: str = r"([^,]+),([^,]+),([^,]+)"
) -> Callable[[str], tuple[Any, ...]]:
    """Reads numbers that stand in the groups of a pattern, by default with commas between them."""

    def read(value: str) -> tuple[Any, ...]:
        match = re.fullmatch(pattern, value)
        if match is not None:
            with suppress(ValueError):
                return tuple(kind(part) for part in match.groups())
        raise click.BadParameter(f"{value!r} is not of the form {form}")

    return read


OPTIONS = (
    click.option("--preset", type=click.Choice(list(PRESETS)), help="What is usual there."),
    click.option("--color", type=click.Choice(get_args(Color)), help="Order of the channels."),
    click.option(
        "--range",
        type=numbers("0-255", float, RANGE),
        metavar="0-255",
        help="Values of pixels 0 and 255: 0-255, 0-1 or -1,1.",
    ),
    click.option(
        "--mean",
        type=numbers("X,Y,Z", float),
        metavar="X,Y,Z",
        help="Subtracted after that; as --color.",
    ),
    click.option(
        "--std",
        type=numbers("X,Y,Z", float),
        metavar="X,Y,Z",
        help="Divided by after that; as --color.",
    ),
    click.option("--resize", type=click.Choice(get_args(Resize)), help="Rule for other sizes."),
    click.option(
        "--pad",
        type=numbers("X,Y,Z", int),
        metavar="X,Y,Z",
        help="The border of a letterbox; as --color.",
    ),
    click.option(
        "--size",
        type=numbers("WxH", int, r"(\d+)x(\d+)"),
        metavar="WxH",
        help="Where the file has none.",
    ),
    click.option("--layout", type=click.Choice(get_args(Layout)), help="Where both would fit."),
    click.option("--kind", type=click.Choice(get_args(Kind)), help="What the output is."),
    click.option("--labels", type=FILE, help="One label per line; else classes are numbered."),
    click.option("--name", help="Name of the bundle. Default: made of the file's."),
    click.option("--version", default="1", show_default=True, help="Version of the bundle."),
    click.option("--licence", default="not stated", show_default=True),
    click.option("--trained-from", help="What it was trained on, for people."),
    click.option("--golden", type=FILE, help="A picture that is passed on with the bundle."),
    click.option("--precision", type=click.Choice(get_args(Precision)), help="Of the weights."),
    click.option(
        "--tolerance",
        type=click.FloatRange(0, 1, min_open=True),
        help="How far scores may be from the golden ones.",
    ),
    click.option("--embedding", metavar="NAME", help="The output that is none of scores."),
)


def network_options(command: Command) -> Command:
    """The command gets `preset: str | None`, `told: Told` and `about: About`."""

    @wraps(command)
    def with_both(*args: Any, **named: Any) -> Any:
        told = Told(**{one.name: named.pop(one.name) for one in fields(Told)})
        about = About(**{one.name: named.pop(one.name) for one in fields(About)})
        return command(*args, told=told, about=about, **named)

    for option in reversed(OPTIONS):
        with_both = option(with_both)
    return with_both
