"""The store that a command is told to read: an address, or the one of a configuration."""

from pathlib import Path

import click
from pydantic import ValidationError

from uploader.settings import StoreSettings
from vision_app import config


def told_store(
    store: str | None, path: Path | None, endpoint: str | None, region: str | None
) -> StoreSettings:
    """Where to look; what is said on the command line goes before the file. Raises UsageError."""
    given = config.load(path).store if path else None
    if store is None and given is None:
        raise click.UsageError("name a store (s3://…, file:///… or a folder), or --config FILE")
    said = {
        "url": _url(store) if store else None,
        "endpoint": endpoint,
        "region": region,
    }
    merged = (given.model_dump() if given else {}) | {k: v for k, v in said.items() if v}
    try:
        return StoreSettings.model_validate(merged)
    except ValidationError as error:
        what = "; ".join(f"{fault['loc'][0]} {fault['input']!r}" for fault in error.errors())
        raise click.UsageError(f"no store that is known here: {what}; see --help") from error


def _url(store: str) -> str:
    return store if "://" in store else Path(store).expanduser().resolve().as_uri()
