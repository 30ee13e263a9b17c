"""What the configuration says of models."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Threads = Annotated[int, Field(ge=0, le=256)]


class RuntimeSettings(BaseModel):
    """The `[model.runtime]` block: what single runtimes need to be told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    delegate: Path | None = None
    """litert: the shared library of a delegate."""
    delegate_options: dict[str, str] = Field(default_factory=dict)
    mxnet_python: Path | None = None
    """mxnet: the interpreter of an environment that has the mxnet package."""
    cache: Path | None = None
    """Where runtimes that compile networks for a device keep the result. Default: beside store."""


class ModelSettings(BaseModel):
    """The `[model]` block."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bundle: str = "greenhouse-tomatoes"
    """Path of a bundle, the name of one in the store, or of one that is built in."""
    backend: str = "auto"
    """A name of `models.backend`; auto: as measured by `vision-app model bench`, or the first of
    a declared order that reproduces the golden example."""
    device: str = "auto"
    """cpu, gpu, npu, cuda, … of the backend; auto: the first that reproduces it."""
    threads: Threads | None = None
    """0 leaves the number to the runtime. Default: as measured, or 2."""
    store: Path | None = None
    """Folder of the bundles on this device, and of what was measured with them.
    Default: bundles, in the XDG data folder."""
    runtime: RuntimeSettings = RuntimeSettings()


class CatalogueSettings(BaseModel):
    """The `[catalogue]` block: where third-party models come from and lie."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mirror: str | None = None
    """A folder or http(s) URL, tried first: <mirror>/<file name>, for sites without internet."""
    cache: Path | None = None
    """Default: the XDG data folder."""
