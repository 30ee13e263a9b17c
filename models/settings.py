"""What the configuration says of models."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class ModelSettings(BaseModel):
    """The `[model]` block."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bundle: str = "greenhouse-tomatoes"
    """Path of a bundle, or the name of one that is built in."""
    backend: Literal["auto", "litert", "opencv"] = "auto"
    threads: Annotated[int, Field(ge=0, le=256)] = 2
    """0 leaves the number to the runtime."""


class CatalogueSettings(BaseModel):
    """The `[catalogue]` block: where third-party models come from and lie."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mirror: str | None = None
    """A folder or http(s) URL, tried first: <mirror>/<file name>, for sites without internet."""
    cache: Path | None = None
    """Default: the XDG data folder."""
