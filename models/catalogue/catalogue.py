"""Which third-party files can be fetched, from where, under which licence."""

import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.bundles.manifest import FileName, Sha256, Text

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class Row(BaseModel):
    """A part of the catalogue."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Wheel(Row):
    """A member of a wheel from the machine's own package index.

    platform, python: both pinned for a wheel that is built per platform; both empty for others.
    """

    wheel: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+==[A-Za-z0-9.]+$")]
    member: Text
    platform: str = ""
    python: Annotated[str, Field(pattern=r"^(3\.\d+)?$")] = ""


class Url(Row):
    """An address."""

    url: Annotated[str, Field(pattern=r"^https?://")]


class Item(Row):
    """One file: what it is for, how to know it, and where it comes from, in order."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    task: Literal["faces", "footage"]
    file: FileName
    licence: Text
    sha256: Sha256
    size: Annotated[int, Field(gt=0, le=1 << 30)]
    """Bytes; nothing larger is ever read."""
    sources: Annotated[tuple[Wheel | Url, ...], Field(min_length=1)]


@cache
def catalogue() -> Mapping[str, Item]:
    """All rows, by name; read once."""
    text = (Path(__file__).parent / "catalogue.toml").read_text("utf-8")
    items = [Item.model_validate(row) for row in tomllib.loads(text)["item"]]
    return {item.name: item for item in items}
