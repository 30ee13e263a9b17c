"""Options with which a person says what a network wants and gives."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from functools import wraps
from pathlib import Path
from typing import Any, get_args

import click

from models.import_network import About
from models.manifest import Color, Kind, Layout, Precision, Resize
from models.presets import PRESETS, Told

Command = Callable[..., Any]
RANGE = r"(-?[0-9.]+)[-,:](-?[0-9.]+)"
FILE = click.Path(path_type=Path, dir_okay=False)


class Numbers(click.ParamType[Any]):
    """Numbers in a form that a pattern has in groups; by default with commas between them."""

    def __init__(self, name: str, kind: type, pattern: str = r"([^,]+),([^,]+),([^,]+)") -> None:
        self.name = name
        self._kind, self._pattern = kind, re.compile(pattern)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Any, ...]:
        """As numbers; a usage error that shows the form when they are none."""
        match = self._pattern.fullmatch(value)
        if match is not None:
            with suppress(ValueError):
                return tuple(self._kind(part) for part in match.groups())
        raise click.BadParameter(f"{value!r} is not of the form {self.name}", ctx, param)


OPTIONS = (
    click.option("--preset", type=click.Choice(list(PRESETS)), help="What is usual there."),
    click.option("--color", type=click.Choice(get_args(Color)), help="Order of the channels."),
    click.option(
        "--range",
        type=Numbers("0-255", float, RANGE),
        help="Values of pixels 0 and 255: 0-255, 0-1 or -1,1.",
    ),
    click.option("--mean", type=Numbers("R,G,B", float), help="Subtracted after that."),
    click.option("--std", type=Numbers("R,G,B", float), help="Divided by after that."),
    click.option("--resize", type=click.Choice(get_args(Resize)), help="Rule for other sizes."),
    click.option("--pad", type=Numbers("R,G,B", int), help="The border of a letterbox."),
    click.option(
        "--size", type=Numbers("WxH", int, r"(\d+)x(\d+)"), help="Where the file has none."
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
