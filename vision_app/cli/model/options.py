"""Options that several commands share."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from models.settings import ModelSettings
from vision_app import config
from vision_app.settings import Settings

Command = Callable[..., Any]


def model_settings(command: Command) -> Command:
    """Adds --config and --store; the command gets the completed `settings: ModelSettings`."""

    @click.option(
        "-c",
        "--config",
        "path",
        type=click.Path(path_type=Path),
        help="TOML file whose [model] block counts: store, runtime, backend.",
    )
    @click.option(
        "--store",
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder of the bundles on this device. Default: as configured.",
    )
    @wraps(command)
    def with_settings(*args: Any, path: Path | None, store: Path | None, **named: Any) -> Any:
        settings = _settings(path)
        if store is not None:
            settings = settings.model_copy(update={"store": store.absolute()})
        return command(*args, settings=settings, **named)

    return with_settings


def _settings(path: Path | None) -> ModelSettings:
    if path is not None:
        return config.load(path).model
    return config.complete(Settings(), Path.cwd()).model
